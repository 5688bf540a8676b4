# One image for both processes; compose.yaml starts them. Runs as nobody in particular, writes to /tmp only.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 HOME=/tmp
WORKDIR /digits
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY main.py app.py *.pkl *.json ./
COPY .streamlit .streamlit
COPY digits digits
COPY service service
COPY page page
USER 10001:10001
EXPOSE 8000 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "4"]
