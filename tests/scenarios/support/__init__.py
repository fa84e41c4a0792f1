"""What the scenarios share: the gateway as a process, origins and clients in threads, named checks, waiting."""
