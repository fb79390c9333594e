"""Real servers for tests: PostgreSQL, Redis, Dovecot, Postfix and a sink that takes mail."""
