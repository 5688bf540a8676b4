"""What the API needs besides its routes: problem details, the limits on a body, the queue of recognitions."""
