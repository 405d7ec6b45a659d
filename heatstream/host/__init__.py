"""Where engines run: a child process and the web side's handle to it, and the hub that serves many viewers."""
