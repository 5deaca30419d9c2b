import streamlit as st
st.title("design_space")
