"""The API: a picture of one handwritten digit, or of a number, in; one answer out.

uvicorn main:app
curl -F file=@seven.png http://127.0.0.1:8000/predict/
"""

from service.processes import begin

begin()  # before the imports that follow, which take as long as those of the process that it starts

from service.app import create_app  # noqa: E402
from service.settings import settings_or_exit  # noqa: E402
from service.telemetry import log_requests_as_json  # noqa: E402

settings = settings_or_exit()
log_requests_as_json(settings.log_level)
app = create_app(settings)
