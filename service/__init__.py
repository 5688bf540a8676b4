"""The API: `create_app(settings)` in `service.app` puts it together."""
