#!/bin/sh
# Starts Alertmanager, with the webhook of ALERT_WEBHOOK if it names one; its own configuration knows no variables.
set -eu

config=/etc/alertmanager/alertmanager.yml
if [ -n "${ALERT_WEBHOOK:-}" ]; then
  printf %s "$ALERT_WEBHOOK" >/tmp/webhook
  sed 's/^  receiver: page$/  receiver: webhook/' "$config" >/tmp/alertmanager.yml
  config=/tmp/alertmanager.yml
fi
exec alertmanager --config.file="$config" --storage.path=/alertmanager --cluster.listen-address= \
  --web.listen-address=alertmanager.watch:9093 --web.external-url="${EXTERNAL_URL:-http://127.0.0.1:9093}"
