"""Django's SQLite backend with the writers' turnstile."""
