"""Django's PostgreSQL backend with a short way for reads that run many times."""
