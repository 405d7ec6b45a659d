"""The bottom floor: values that travel, errors, settings, and the pure heat, counting and render steps."""
