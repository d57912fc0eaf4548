"""Losses that several networks are trained with: functions of pictures, maps and scores."""
