"""How good generated content is: measures beside baselines, and pictures for the eye."""
