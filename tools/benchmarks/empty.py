"""The least that an API can do with an upload: read it and answer a constant."""

from fastapi import FastAPI, UploadFile

app = FastAPI()


@app.post("/predict/")
async def predict(file: UploadFile) -> dict[str, int]:
    """Read the file, look at nothing."""
    await file.read()
    return {"prediction": 0}
