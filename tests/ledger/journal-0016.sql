BEGIN TRANSACTION;
CREATE TABLE acts (
	number INTEGER NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	who TEXT NOT NULL, 
	act VARCHAR(40) NOT NULL, 
	subject TEXT NOT NULL, 
	details TEXT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0016');
CREATE TABLE answer_files (
	submission VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (submission)
);
CREATE TABLE arrivals (
	number INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	mailbox VARCHAR(40) NOT NULL, 
	source TEXT NOT NULL, 
	received_at VARCHAR(40) NOT NULL, 
	stated_sender TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	raw TEXT NOT NULL, 
	outcome VARCHAR(20), oversize BIGINT DEFAULT '0' NOT NULL, tries INTEGER DEFAULT '0' NOT NULL, why TEXT DEFAULT '' NOT NULL, place TEXT DEFAULT '' NOT NULL, customers TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "arrivals" VALUES(1,'a','bigoperators','a.xlsx','2026-08-20T10:00:00+05:00','','','','2026/08/a','accepted',0,0,'','inbox/bigoperators/a.xlsx','');
INSERT INTO "arrivals" VALUES(2,'b','bigoperators','b.xlsx','2026-08-20T10:01:00+05:00','','','','2026/08/b',NULL,0,0,'','','');
CREATE TABLE close_files (
	month VARCHAR(7) NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	PRIMARY KEY (month, number, name)
);
CREATE TABLE closes (
	month VARCHAR(7) NOT NULL, 
	number INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	made_at VARCHAR(40) NOT NULL, 
	rules VARCHAR(16) NOT NULL, 
	sequence INTEGER NOT NULL, 
	reopened_at VARCHAR(40) NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (month, number)
);
CREATE TABLE customers (
	bin VARCHAR(12) NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	contract TEXT NOT NULL, 
	contract_date VARCHAR(10) NOT NULL, 
	valid_until VARCHAR(10) NOT NULL, 
	emails TEXT NOT NULL, 
	bic VARCHAR(11) NOT NULL, 
	iban VARCHAR(34) NOT NULL, 
	kbe VARCHAR(4) NOT NULL, 
	head TEXT NOT NULL, 
	address TEXT NOT NULL, 
	utilities BOOLEAN NOT NULL, 
	submission VARCHAR(40) NOT NULL, attested_until VARCHAR(10) DEFAULT '' NOT NULL, 
	PRIMARY KEY (bin)
);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	arrival INTEGER NOT NULL, 
	document TEXT NOT NULL, 
	mailbox VARCHAR(40) NOT NULL, 
	recipient TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	message_id VARCHAR(200) NOT NULL, 
	thread TEXT NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	tries INTEGER NOT NULL, 
	created_at VARCHAR(40) NOT NULL, 
	next_at VARCHAR(40) NOT NULL, 
	sent_at VARCHAR(40) NOT NULL, 
	last_answer TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	path TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE documents (
	id INTEGER NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	customer VARCHAR(12) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	number VARCHAR(20) NOT NULL, 
	dated VARCHAR(10) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (month, customer, kind)
);
CREATE TABLE fact_files (
	path VARCHAR(200) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	customer VARCHAR(12) NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	submission VARCHAR(40) NOT NULL, 
	rows INTEGER NOT NULL, 
	PRIMARY KEY (path)
);
CREATE TABLE findings (
	id INTEGER NOT NULL, 
	arrival INTEGER NOT NULL, 
	submission VARCHAR(40) NOT NULL, 
	code VARCHAR(60) NOT NULL, 
	severity VARCHAR(10) NOT NULL, 
	sheet TEXT NOT NULL, 
	cell VARCHAR(20) NOT NULL, 
	value TEXT NOT NULL, 
	message TEXT NOT NULL, 
	message_kk TEXT NOT NULL, 
	remedy TEXT NOT NULL, 
	remedy_kk TEXT NOT NULL, 
	clause VARCHAR(40) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE journal_state (
	id INTEGER NOT NULL, 
	journal VARCHAR(32) NOT NULL, 
	commits BIGINT NOT NULL, 
	head VARCHAR(32) NOT NULL, 
	arrival INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	config VARCHAR(16) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "journal_state" VALUES(1,'69d63c668665493eaf18104e81043c41',1,'3a95ca987f5a4719a5c321bfc652c578',0,0,'');
CREATE TABLE letter_returns (
	id INTEGER NOT NULL, 
	delivery INTEGER NOT NULL, 
	arrival INTEGER NOT NULL, 
	fate VARCHAR(10) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	said TEXT NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (delivery, arrival)
);
CREATE TABLE mail_places (
	account VARCHAR(200) NOT NULL, 
	folder VARCHAR(200) NOT NULL, 
	uidvalidity BIGINT NOT NULL, 
	uid BIGINT NOT NULL, 
	mailbox VARCHAR(40) NOT NULL, 
	size BIGINT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	arrival INTEGER NOT NULL, 
	moved_to TEXT, 
	PRIMARY KEY (account, folder, uidvalidity, uid)
);
CREATE TABLE months (
	month VARCHAR(7) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	PRIMARY KEY (month)
);
INSERT INTO "months" VALUES('2026-09','closed');
CREATE TABLE outbox_documents (
	id INTEGER NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	bin VARCHAR(12) NOT NULL, 
	folder TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	account VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	lying VARCHAR(64) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	revision INTEGER NOT NULL, 
	close_number INTEGER NOT NULL, 
	made_at VARCHAR(40) NOT NULL, 
	changed_at VARCHAR(40) NOT NULL, 
	entry TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (month, bin, name, sha256)
);
CREATE TABLE outbox_moves (
	id INTEGER NOT NULL, 
	document INTEGER NOT NULL, 
	was VARCHAR(10) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	who TEXT NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE outbox_proofs (
	id INTEGER NOT NULL, 
	document INTEGER NOT NULL, 
	way VARCHAR(10) NOT NULL, 
	recipient TEXT NOT NULL, 
	letter INTEGER NOT NULL, 
	message_id VARCHAR(200) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	queued_at VARCHAR(40) NOT NULL, 
	sent_at VARCHAR(40) NOT NULL, 
	answer TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	path TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (document, way, recipient)
);
CREATE TABLE submissions (
	id VARCHAR(40) NOT NULL, 
	arrival INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	attachment TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	form VARCHAR(40) NOT NULL, 
	customer VARCHAR(12) NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	month VARCHAR(7) NOT NULL, 
	complete_at VARCHAR(40) NOT NULL, 
	rows_read INTEGER NOT NULL, 
	rows_posted INTEGER NOT NULL, 
	rules VARCHAR(16) NOT NULL, 
	documents TEXT NOT NULL, 
	replaces VARCHAR(40) NOT NULL, 
	replaced_by VARCHAR(40) NOT NULL, 
	duplicate_of VARCHAR(40) NOT NULL, 
	sequence INTEGER NOT NULL, added INTEGER DEFAULT '0' NOT NULL, changed INTEGER DEFAULT '0' NOT NULL, unchanged INTEGER DEFAULT '0' NOT NULL, gone INTEGER DEFAULT '0' NOT NULL, held_for TEXT DEFAULT '' NOT NULL, task TEXT DEFAULT '' NOT NULL, confirmed TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "submissions" VALUES('IW-000001-1',1,1,'a.xlsx','0','tariffs','','accepted','2026-09','2026-08-20T10:00:00+05:00',2,2,'r','','','','',1,2,0,0,0,'','','');
CREATE TABLE tasks (
	number INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	customer TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	what TEXT NOT NULL, 
	arrival INTEGER NOT NULL, 
	submission VARCHAR(40) NOT NULL, 
	clause VARCHAR(40) NOT NULL, 
	due VARCHAR(10) NOT NULL, 
	made_at VARCHAR(40) NOT NULL, 
	done_at VARCHAR(40) NOT NULL, 
	done_by TEXT NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE INDEX ix_arrivals_message_id ON arrivals (message_id);
CREATE INDEX ix_arrivals_sha256 ON arrivals (sha256);
CREATE INDEX fact_files_kind_month ON fact_files (kind, month);
CREATE INDEX ix_fact_files_submission ON fact_files (submission);
CREATE INDEX ix_findings_arrival ON findings (arrival);
CREATE INDEX ix_findings_submission ON findings (submission);
CREATE INDEX ix_submissions_arrival ON submissions (arrival);
CREATE INDEX ix_submissions_outcome ON submissions (outcome);
CREATE INDEX ix_submissions_sha256 ON submissions (sha256);
CREATE INDEX ix_deliveries_arrival ON deliveries (arrival);
CREATE INDEX ix_deliveries_recipient ON deliveries (recipient);
CREATE INDEX ix_deliveries_state ON deliveries (state);
CREATE UNIQUE INDEX ix_deliveries_message_id ON deliveries (message_id);
CREATE INDEX ix_mail_places_arrival ON mail_places (arrival);
CREATE INDEX mail_places_lying ON mail_places (account, folder, moved_to);
CREATE INDEX mail_places_bytes ON mail_places (mailbox, sha256);
CREATE INDEX ix_outbox_documents_state ON outbox_documents (state);
CREATE INDEX ix_outbox_moves_document ON outbox_moves (document);
CREATE INDEX ix_outbox_proofs_message_id ON outbox_proofs (message_id);
CREATE INDEX ix_outbox_proofs_state ON outbox_proofs (state);
CREATE INDEX arrivals_undecided ON arrivals (number) WHERE outcome IS NULL;
CREATE INDEX arrivals_failed ON arrivals (number) WHERE outcome = 'failed';
CREATE INDEX ix_tasks_arrival ON tasks (arrival);
CREATE INDEX ix_tasks_done_at ON tasks (done_at);
COMMIT;
