"""What only a page can show: notebooks in JupyterLab and Notebook 7, in the system's Chromium."""
