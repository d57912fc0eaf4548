"""Writing photos into files: exports, saving into a photo's own file, and programs that wait until
a photo is closed. No widgets but questions.
"""
