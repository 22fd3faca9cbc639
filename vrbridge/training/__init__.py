"""How networks learn: data sets, losses, loops and evaluation; nothing at run time imports it."""
