"""Kill -9 at random moments while mail flows in and answers out; then both ledgers are compared."""
