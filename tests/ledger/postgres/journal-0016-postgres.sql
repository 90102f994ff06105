CREATE TABLE public.acts (
    number integer NOT NULL,
    at text NOT NULL COLLATE pg_catalog."C",
    who text NOT NULL COLLATE pg_catalog."C",
    act text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    details text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.acts_number_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.acts_number_seq OWNED BY public.acts.number;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.answer_files (
    submission text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.arrivals (
    number integer NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    mailbox text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    received_at text NOT NULL COLLATE pg_catalog."C",
    stated_sender text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    message_id text NOT NULL COLLATE pg_catalog."C",
    raw text NOT NULL COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    oversize bigint DEFAULT '0'::bigint NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    why text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    place text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    customers text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.arrivals_number_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.arrivals_number_seq OWNED BY public.arrivals.number;
CREATE TABLE public.close_files (
    month text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.closes (
    month text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    made_at text NOT NULL COLLATE pg_catalog."C",
    rules text NOT NULL COLLATE pg_catalog."C",
    sequence integer NOT NULL,
    reopened_at text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.customers (
    bin text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    contract text NOT NULL COLLATE pg_catalog."C",
    contract_date text NOT NULL COLLATE pg_catalog."C",
    valid_until text NOT NULL COLLATE pg_catalog."C",
    emails text NOT NULL COLLATE pg_catalog."C",
    bic text NOT NULL COLLATE pg_catalog."C",
    iban text NOT NULL COLLATE pg_catalog."C",
    kbe text NOT NULL COLLATE pg_catalog."C",
    head text NOT NULL COLLATE pg_catalog."C",
    address text NOT NULL COLLATE pg_catalog."C",
    utilities boolean NOT NULL,
    attested_until text NOT NULL COLLATE pg_catalog."C",
    submission text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.deliveries (
    id integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    arrival integer NOT NULL,
    document text NOT NULL COLLATE pg_catalog."C",
    mailbox text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    message_id text NOT NULL COLLATE pg_catalog."C",
    thread text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    tries integer NOT NULL,
    created_at text NOT NULL COLLATE pg_catalog."C",
    next_at text NOT NULL COLLATE pg_catalog."C",
    sent_at text NOT NULL COLLATE pg_catalog."C",
    last_answer text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.deliveries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;
CREATE TABLE public.documents (
    id integer NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    number text NOT NULL COLLATE pg_catalog."C",
    dated text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.documents_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.documents_id_seq OWNED BY public.documents.id;
CREATE TABLE public.fact_files (
    path text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C",
    submission text NOT NULL COLLATE pg_catalog."C",
    rows integer NOT NULL
);
CREATE TABLE public.findings (
    id integer NOT NULL,
    arrival integer NOT NULL,
    submission text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    severity text NOT NULL COLLATE pg_catalog."C",
    sheet text NOT NULL COLLATE pg_catalog."C",
    cell text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    message text NOT NULL COLLATE pg_catalog."C",
    message_kk text NOT NULL COLLATE pg_catalog."C",
    remedy text NOT NULL COLLATE pg_catalog."C",
    remedy_kk text NOT NULL COLLATE pg_catalog."C",
    clause text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.findings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.findings_id_seq OWNED BY public.findings.id;
CREATE TABLE public.journal_state (
    id integer NOT NULL,
    journal text NOT NULL COLLATE pg_catalog."C",
    commits bigint NOT NULL,
    head text NOT NULL COLLATE pg_catalog."C",
    arrival integer NOT NULL,
    sequence integer NOT NULL,
    config text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.journal_state_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.journal_state_id_seq OWNED BY public.journal_state.id;
CREATE TABLE public.letter_returns (
    id integer NOT NULL,
    delivery integer NOT NULL,
    arrival integer NOT NULL,
    fate text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    said text NOT NULL COLLATE pg_catalog."C",
    at text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.letter_returns_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.letter_returns_id_seq OWNED BY public.letter_returns.id;
CREATE TABLE public.mail_places (
    account text NOT NULL COLLATE pg_catalog."C",
    folder text NOT NULL COLLATE pg_catalog."C",
    uidvalidity bigint NOT NULL,
    uid bigint NOT NULL,
    mailbox text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    arrival integer NOT NULL,
    moved_to text COLLATE pg_catalog."C"
);
CREATE TABLE public.months (
    month text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.outbox_documents (
    id integer NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C",
    bin text NOT NULL COLLATE pg_catalog."C",
    folder text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    lying text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    revision integer NOT NULL,
    close_number integer NOT NULL,
    made_at text NOT NULL COLLATE pg_catalog."C",
    changed_at text NOT NULL COLLATE pg_catalog."C",
    entry text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.outbox_documents_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_documents_id_seq OWNED BY public.outbox_documents.id;
CREATE TABLE public.outbox_moves (
    id integer NOT NULL,
    document integer NOT NULL,
    was text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    who text NOT NULL COLLATE pg_catalog."C",
    at text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.outbox_moves_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_moves_id_seq OWNED BY public.outbox_moves.id;
CREATE TABLE public.outbox_proofs (
    id integer NOT NULL,
    document integer NOT NULL,
    way text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    letter integer NOT NULL,
    message_id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    queued_at text NOT NULL COLLATE pg_catalog."C",
    sent_at text NOT NULL COLLATE pg_catalog."C",
    answer text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    path text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.outbox_proofs_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_proofs_id_seq OWNED BY public.outbox_proofs.id;
CREATE TABLE public.submissions (
    id text NOT NULL COLLATE pg_catalog."C",
    arrival integer NOT NULL,
    ordinal integer NOT NULL,
    attachment text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL COLLATE pg_catalog."C",
    form text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    outcome text NOT NULL COLLATE pg_catalog."C",
    month text NOT NULL COLLATE pg_catalog."C",
    complete_at text NOT NULL COLLATE pg_catalog."C",
    rows_read integer NOT NULL,
    rows_posted integer NOT NULL,
    rules text NOT NULL COLLATE pg_catalog."C",
    documents text NOT NULL COLLATE pg_catalog."C",
    replaces text NOT NULL COLLATE pg_catalog."C",
    replaced_by text NOT NULL COLLATE pg_catalog."C",
    duplicate_of text NOT NULL COLLATE pg_catalog."C",
    sequence integer NOT NULL,
    added integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    gone integer DEFAULT 0 NOT NULL,
    held_for text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    task text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    confirmed text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.tasks (
    number integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    customer text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    what text NOT NULL COLLATE pg_catalog."C",
    arrival integer NOT NULL,
    submission text NOT NULL COLLATE pg_catalog."C",
    clause text NOT NULL COLLATE pg_catalog."C",
    due text NOT NULL COLLATE pg_catalog."C",
    made_at text NOT NULL COLLATE pg_catalog."C",
    done_at text NOT NULL COLLATE pg_catalog."C",
    done_by text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL COLLATE pg_catalog."C"
);
CREATE SEQUENCE public.tasks_number_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.tasks_number_seq OWNED BY public.tasks.number;
ALTER TABLE ONLY public.acts ALTER COLUMN number SET DEFAULT nextval('public.acts_number_seq'::regclass);
ALTER TABLE ONLY public.arrivals ALTER COLUMN number SET DEFAULT nextval('public.arrivals_number_seq'::regclass);
ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.documents ALTER COLUMN id SET DEFAULT nextval('public.documents_id_seq'::regclass);
ALTER TABLE ONLY public.findings ALTER COLUMN id SET DEFAULT nextval('public.findings_id_seq'::regclass);
ALTER TABLE ONLY public.journal_state ALTER COLUMN id SET DEFAULT nextval('public.journal_state_id_seq'::regclass);
ALTER TABLE ONLY public.letter_returns ALTER COLUMN id SET DEFAULT nextval('public.letter_returns_id_seq'::regclass);
ALTER TABLE ONLY public.outbox_documents ALTER COLUMN id SET DEFAULT nextval('public.outbox_documents_id_seq'::regclass);
ALTER TABLE ONLY public.outbox_moves ALTER COLUMN id SET DEFAULT nextval('public.outbox_moves_id_seq'::regclass);
ALTER TABLE ONLY public.outbox_proofs ALTER COLUMN id SET DEFAULT nextval('public.outbox_proofs_id_seq'::regclass);
ALTER TABLE ONLY public.tasks ALTER COLUMN number SET DEFAULT nextval('public.tasks_number_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0016');
INSERT INTO public.arrivals VALUES (1, 'a', 'bigoperators', 'a.xlsx', '2026-08-20T10:00:00+05:00', '', '', '', '2026/08/a', 'accepted', 0, 0, '', 'inbox/bigoperators/a.xlsx', '');
INSERT INTO public.arrivals VALUES (2, 'b', 'bigoperators', 'b.xlsx', '2026-08-20T10:01:00+05:00', '', '', '', '2026/08/b', NULL, 0, 0, '', '', '');
INSERT INTO public.journal_state VALUES (1, '69d63c668665493eaf18104e81043c41', 1, '3a95ca987f5a4719a5c321bfc652c578', 0, 0, '');
INSERT INTO public.months VALUES ('2026-09', 'closed');
INSERT INTO public.submissions VALUES ('IW-000001-1', 1, 1, 'a.xlsx', '0', 'tariffs', '', 'accepted', '2026-09', '2026-08-20T10:00:00+05:00', 2, 2, 'r', '', '', '', '', 1, 2, 0, 0, 0, '', '', '');
SELECT pg_catalog.setval('public.acts_number_seq', 1, false);
SELECT pg_catalog.setval('public.arrivals_number_seq', 1, false);
SELECT pg_catalog.setval('public.deliveries_id_seq', 1, false);
SELECT pg_catalog.setval('public.documents_id_seq', 1, false);
SELECT pg_catalog.setval('public.findings_id_seq', 1, false);
SELECT pg_catalog.setval('public.journal_state_id_seq', 1, false);
SELECT pg_catalog.setval('public.letter_returns_id_seq', 1, false);
SELECT pg_catalog.setval('public.outbox_documents_id_seq', 1, false);
SELECT pg_catalog.setval('public.outbox_moves_id_seq', 1, false);
SELECT pg_catalog.setval('public.outbox_proofs_id_seq', 1, false);
SELECT pg_catalog.setval('public.tasks_number_seq', 1, false);
ALTER TABLE ONLY public.acts
    ADD CONSTRAINT acts_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkey PRIMARY KEY (version_num);
ALTER TABLE ONLY public.answer_files
    ADD CONSTRAINT answer_files_pkey PRIMARY KEY (submission);
ALTER TABLE ONLY public.arrivals
    ADD CONSTRAINT arrivals_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.close_files
    ADD CONSTRAINT close_files_pkey PRIMARY KEY (month, number, name);
ALTER TABLE ONLY public.closes
    ADD CONSTRAINT closes_pkey PRIMARY KEY (month, number);
ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (bin);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_month_customer_kind_key UNIQUE (month, customer, kind);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.fact_files
    ADD CONSTRAINT fact_files_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.findings
    ADD CONSTRAINT findings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journal_state
    ADD CONSTRAINT journal_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.letter_returns
    ADD CONSTRAINT letter_returns_delivery_arrival_key UNIQUE (delivery, arrival);
ALTER TABLE ONLY public.letter_returns
    ADD CONSTRAINT letter_returns_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mail_places
    ADD CONSTRAINT mail_places_pkey PRIMARY KEY (account, folder, uidvalidity, uid);
ALTER TABLE ONLY public.months
    ADD CONSTRAINT months_pkey PRIMARY KEY (month);
ALTER TABLE ONLY public.outbox_documents
    ADD CONSTRAINT outbox_documents_month_bin_name_sha256_key UNIQUE (month, bin, name, sha256);
ALTER TABLE ONLY public.outbox_documents
    ADD CONSTRAINT outbox_documents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_moves
    ADD CONSTRAINT outbox_moves_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox_proofs
    ADD CONSTRAINT outbox_proofs_document_way_recipient_key UNIQUE (document, way, recipient);
ALTER TABLE ONLY public.outbox_proofs
    ADD CONSTRAINT outbox_proofs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT submissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (number);
CREATE INDEX arrivals_failed ON public.arrivals USING btree (number) WHERE (outcome = 'failed'::text);
CREATE INDEX arrivals_undecided ON public.arrivals USING btree (number) WHERE (outcome IS NULL);
CREATE INDEX fact_files_kind_month ON public.fact_files USING btree (kind, month);
CREATE INDEX ix_arrivals_message_id ON public.arrivals USING btree (message_id);
CREATE INDEX ix_arrivals_sha256 ON public.arrivals USING btree (sha256);
CREATE INDEX ix_deliveries_arrival ON public.deliveries USING btree (arrival);
CREATE UNIQUE INDEX ix_deliveries_message_id ON public.deliveries USING btree (message_id);
CREATE INDEX ix_deliveries_recipient ON public.deliveries USING btree (recipient);
CREATE INDEX ix_deliveries_state ON public.deliveries USING btree (state);
CREATE INDEX ix_fact_files_submission ON public.fact_files USING btree (submission);
CREATE INDEX ix_findings_arrival ON public.findings USING btree (arrival);
CREATE INDEX ix_findings_submission ON public.findings USING btree (submission);
CREATE INDEX ix_mail_places_arrival ON public.mail_places USING btree (arrival);
CREATE INDEX ix_outbox_documents_state ON public.outbox_documents USING btree (state);
CREATE INDEX ix_outbox_moves_document ON public.outbox_moves USING btree (document);
CREATE INDEX ix_outbox_proofs_message_id ON public.outbox_proofs USING btree (message_id);
CREATE INDEX ix_outbox_proofs_state ON public.outbox_proofs USING btree (state);
CREATE INDEX ix_submissions_arrival ON public.submissions USING btree (arrival);
CREATE INDEX ix_submissions_outcome ON public.submissions USING btree (outcome);
CREATE INDEX ix_submissions_sha256 ON public.submissions USING btree (sha256);
CREATE INDEX ix_tasks_arrival ON public.tasks USING btree (arrival);
CREATE INDEX ix_tasks_done_at ON public.tasks USING btree (done_at);
CREATE INDEX mail_places_bytes ON public.mail_places USING btree (mailbox, sha256);
CREATE INDEX mail_places_lying ON public.mail_places USING btree (account, folder, moved_to);
