-- Columns of steps that were not computed, for nothing could come of them: describing their SELECT takes DuckDB as
-- long as computing it. Where keys are whole numbers, theirs are the types of the keys (ledger/schemas.py).
create table added_lines (
  "customer" varchar, "account" varchar, "service" varchar, "house" varchar, "address" varchar, "flat" varchar, "name"
  varchar, "area" decimal(18,3), "residents" bigint, "base" varchar, "category" varchar, "meter" varchar, "email"
  varchar, "from_month" date, "sequence" bigint, "told_from" date, "told_by" bigint, "submission" varchar, "sheet"
  varchar, "row" integer
);
create table ended_contracts (
  "customer" varchar, "valid_until" date
);
create table house_exits (
  "customer" varchar, "house" varchar, "left_month" date, "sequence" bigint, "submission" varchar, "sheet" varchar,
  "row" integer
);
create table corrected (
  "customer" varchar, "account" varchar, "indicator" varchar, "service" varchar, "name" varchar, "area" decimal(18,3),
  "residents" bigint, "from_month" date, "sequence" bigint, "submission" varchar, "sheet" varchar, "row" integer
);
create table told_since (
  "customer" varchar, "account" varchar, "service" varchar, "from_month" date, "sequence" bigint, "row" integer,
  "indicator" varchar, "since" date, "told_by" bigint
);
create table corrected_rows (
  "customer" varchar, "account" varchar, "service" varchar, "from_month" date, "sequence" bigint, "row" integer,
  "indicator" varchar, "name" varchar, "area" decimal(18,3), "residents" bigint, "submission" varchar, "sheet"
  varchar, "corrected_row" integer
);
create table swapped_meters (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "present" integer, "month" date
);
create table stopped (
  "customer" varchar, "account" varchar, "service" varchar, "reason" varchar, "clause" varchar, "submission" varchar,
  "sheet" varchar, "row" integer
);
create table form_tariffs (
  "customer" varchar, "account" varchar, "service" varchar, "house" varchar, "category" varchar, "tariff"
  decimal(18,4), "from_month" date, "submission" varchar, "sheet" varchar, "row" integer
);
create table first_readings (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "reading" decimal(18,3), "from_month"
  date, "submission" varchar, "sheet" varchar, "row" integer
);
create table put_in_meters (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "month" date, "reading" decimal(18,3),
  "submission" varchar, "sheet" varchar, "row" integer
);
create table successors (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "successor" varchar
);
create table metered (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "residents" bigint, "present" integer,
  "meters" bigint
);
create table asked_meters (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar
);
create table last_counted (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "reading" decimal(18,3), "submission"
  varchar, "sheet" varchar, "row" integer
);
create table meter_history (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "month" date, "used" decimal(18,3),
  "months" bigint
);
create table meter_estimates (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "how" varchar, "quantity" decimal(18,3)
);
create table meter_use (
  "customer" varchar, "account" varchar, "service" varchar, "meter" varchar, "current" decimal(18,3), "last"
  decimal(18,3), "turned" decimal(18,3), "how" varchar, "used" decimal(18,3), "submission" varchar, "sheet" varchar,
  "row" integer, "last_submission" varchar, "last_sheet" varchar, "last_row" integer
);
create table estimates (
  "customer" varchar, "account" varchar, "service" varchar, "meter_customer" varchar, "meter_service" varchar, "meter"
  varchar, "quantity" decimal(18,3)
);
create table fixed_sums (
  "customer" varchar, "account" varchar, "service" varchar, "tariff" decimal(18,4), "quantity" decimal(18,3),
  "charged" decimal(18,2), "kind" varchar, "submission" varchar, "sheet" varchar, "row" integer
);
create table past_houses (
  "customer" varchar, "account" varchar, "service" varchar, "house" varchar, "since" date, "until" date
);
create table days_told (
  "customer" varchar, "account" varchar, "service" varchar, "days_month" date, "month" date, "days_before" hugeint,
  "days_now" hugeint, "submission" varchar, "sheet" varchar, "row" integer
);
create table given_back (
  "customer" varchar, "account" varchar, "service" varchar, "amount" decimal(38,2), "advance" decimal(38,2)
);
create table read_after (
  "customer" varchar, "account" varchar, "service" varchar, "past_month" date, "quantity" decimal(38,3), "now"
  integer, "submission" varchar, "sheet" varchar, "row" integer
);
create table told_balances (
  "customer" varchar, "account" varchar, "service" varchar, "balance" decimal(18,2), "submission" varchar, "sheet"
  varchar, "row" integer
);
create table asked_months (
  "need" varchar, "month" date
);
create table past_charges (
  "customer" varchar, "account" varchar, "service" varchar, "month" date, "exact" decimal(18,7), "charged" decimal(18,2)
);
create table past_versions (
  "customer" varchar, "account" varchar, "service" varchar, "month" date, "house" varchar, "base" varchar, "category"
  varchar
);
create table recount_tariffs (
  "customer" varchar, "account" varchar, "service" varchar, "past_month" date, "kind" varchar, "base" varchar,
  "by_form" integer, "house" varchar, "category" varchar, "tariff" decimal(18,4), "from_month" date, "quantity"
  decimal(18,3), "exact_before" decimal(18,7), "charged_before" decimal(18,2), "submission" varchar, "sheet" varchar,
  "row" integer, "told_submission" varchar, "told_sheet" varchar, "told_row" integer
);
create table past_residents (
  "customer" varchar, "account" varchar, "service" varchar, "month" date, "residents" bigint
);
create table step_parts (
  "customer" varchar, "account" varchar, "service" varchar, "month" date, "step" bigint, "threshold" decimal(18,3),
  "times" bigint, "begins" decimal(18,3), "tariff" decimal(18,4), "quantity" decimal(18,3), "amount" decimal(18,7),
  "submission" varchar, "sheet" varchar, "row" integer
);
create table recounted (
  "customer" varchar, "account" varchar, "service" varchar, "past_month" date, "kind" varchar, "tariff" decimal(18,4),
  "quantity" decimal(18,3), "exact" decimal(18,7), "charged" decimal(18,2), "exact_before" decimal(18,7),
  "charged_before" decimal(18,2), "submission" varchar, "sheet" varchar, "row" integer
);
create table charge_steps (
  "account" varchar, "customer" varchar, "service" varchar, "step" bigint, "threshold" decimal(18,3), "tariff"
  decimal(18,4), "quantity" decimal(18,3), "amount" decimal(18,7), "submission" varchar, "sheet" varchar, "row"
  integer
);
create table past_steps (
  "account" varchar, "customer" varchar, "service" varchar, "past_month" date, "step" bigint, "threshold"
  decimal(18,3), "tariff" decimal(18,4), "quantity" decimal(18,3), "amount" decimal(18,7), "submission" varchar,
  "sheet" varchar, "row" integer
);
create table recalculation_rows (
  "customer" varchar, "account" varchar, "service" varchar, "past_month" date, "amount" decimal(19,2), "kind" varchar,
  "tariff" decimal(18,4), "quantity" decimal(18,3), "submission" varchar, "sheet" varchar, "row" integer
);
create table undelivered_rows (
  "customer" varchar, "account" varchar, "service" varchar, "days_month" date, "days_before" hugeint, "days_now"
  hugeint, "amount" decimal(38,22), "submission" varchar, "sheet" varchar, "row" integer
);
create table advances_moved_back (
  "customer" varchar, "account" varchar, "service" varchar
);
create table penalty_terms (
  "customer" varchar, "service" varchar, "after_day" date, "last_day" date, "rate" decimal(18,4), "coefficient"
  decimal(18,6), "cap" decimal(18,4), "overdue_month" date, "submission" varchar, "sheet" varchar, "row" integer
);
create table debt_charges (
  "customer" varchar, "account" varchar, "service" varchar, "month" date, "amount" decimal(20,2)
);
create table debt_payments (
  "customer" varchar, "account" varchar, "service" varchar, "paid_on" date, "bank" varchar, "number" varchar, "amount"
  decimal(21,2), "submission" varchar, "sheet" varchar, "row" integer
);
create table penalty_spans (
  "customer" varchar, "account" varchar, "service" varchar, "first_day" date, "days" bigint, "debt" decimal(38,2),
  "rate" decimal(18,4), "coefficient" decimal(18,6), "cap" decimal(18,4), "submission" varchar, "sheet" varchar, "row"
  integer
);
create table penalties (
  "customer" varchar, "account" varchar, "service" varchar, "days" hugeint, "most" decimal(38,2), "limit_of_debt"
  decimal(18,2), "weight" decimal(38,12), "full_amount" decimal(18,2), "amount" decimal(19,2), "submission" varchar,
  "sheet" varchar, "row" integer
);
create table month_payments (
  "customer" varchar, "month" date, "submission" varchar, "sequence" bigint, "sheet" varchar, "row" integer,
  "replaces_submission" varchar, "replaces_sheet" varchar, "replaces_row" integer, "payment" varchar, "bank" varchar,
  "paid_on" date, "number" varchar, "account" varchar, "service" varchar, "amount" decimal(18,2), "opening_part"
  decimal(18,2), "month_part" decimal(18,2), "opening_penalty_part" decimal(18,2), "penalty_part" decimal(18,2),
  "advance_part" decimal(18,2), "percent" decimal(9,4), "commission" decimal(18,2), "commission_of" decimal(18,2),
  "fee" decimal(18,2), "reverses" varchar
);
create table paid (
  "customer" varchar, "account" varchar, "service" varchar, "paid" decimal(38,2), "paid_penalty" decimal(38,2)
);
create table moved_before (
  "customer" varchar, "account" varchar, "service" varchar, "moved" decimal(38,2), "undone" decimal(18,2)
);
create table opening_balances (
  "customer" varchar, "account" varchar, "service" varchar, "balance" decimal(18,2), "submission" varchar, "sheet"
  varchar, "row" integer
);
create table leaving (
  "account" varchar, "customer" varchar, "service" varchar, "back" integer, "amount" decimal(38,2)
);
create table moved (
  "account" varchar, "customer" varchar, "service" varchar, "amount" decimal(18,2)
);
