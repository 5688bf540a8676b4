"""The API: a picture of one handwritten digit, or of a number, in; one answer out.

uvicorn main:app
curl -F file=@seven.png http://127.0.0.1:8000/predict/
"""

from service.app import create_app
from service.settings import settings_or_exit
from service.telemetry import log_requests_as_json

settings = settings_or_exit()
log_requests_as_json(settings.log_level)
app = create_app(settings)
