"""The experience platform: questionnaires, answers, the scores counted from them, and a customer's journey."""
