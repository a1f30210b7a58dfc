"""The Rasa side of rekey: understands sentences and words answers; decides nothing."""
