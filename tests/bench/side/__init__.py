"""Side by side with others: the same replies in Chromium, see README.md beside this file."""
