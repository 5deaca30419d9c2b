import streamlit as st
st.title("block_forms")
