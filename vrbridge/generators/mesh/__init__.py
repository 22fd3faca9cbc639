"""Props made from parameters: prompt → plan → parts with levels of detail."""
