"""The inbox of the lab's customers: e-mail that came by SMTP, and SMS that came through a gateway."""
