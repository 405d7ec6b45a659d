"""One camera's frames through detection, tracking, heat, counting and picture, and the process that hosts cameras."""
