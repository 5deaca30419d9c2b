"""The app's Streamlit side: the frame, the dials' state and the browser components."""
