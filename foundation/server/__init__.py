"""Between granian's event loop and the Flask application: bodies are read here, threads are lent, answers are sent."""
