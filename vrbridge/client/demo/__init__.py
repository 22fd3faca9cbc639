"""The demo: a headless player walks through a scene, and a page shows what came of it."""
