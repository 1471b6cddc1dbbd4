# Stand-ins for the official images of Prometheus and Alertmanager, from Debian's packages, where no registry answers.
# Paths, users and entry points are the official ones', so that docker-compose.yml need not know which it runs.
# Alertmanager's page is not in Debian; Prometheus' page shows the alerts.
ARG BASE_IMAGE

FROM ${BASE_IMAGE} AS packages
WORKDIR /packages
RUN apt-get update && apt-get download prometheus-alertmanager prometheus promtool libjs-bootstrap4 libjs-d3 \
      libjs-eonasdan-bootstrap-datetimepicker libjs-jquery libjs-jquery-hotkeys libjs-moment libjs-moment-timezone \
      libjs-mustache libjs-popper.js libjs-rickshaw fonts-glyphicons-halflings

FROM ${BASE_IMAGE} AS prometheus
RUN --mount=type=bind,from=packages,source=/packages,target=/packages install -d /var/lib/dpkg/status.d \
 && for package in /packages/*.deb; do \
      name=$(dpkg-deb --field "$package" Package); [ "$name" != prometheus-alertmanager ] || continue; \
      dpkg-deb --fsys-tarfile "$package" | tar -x -C / --keep-directory-symlink --exclude=./etc --exclude=./usr/share/man --exclude=changelog* --exclude=./usr/share/doc/*/[!c]* \
      && dpkg-deb --field "$package" > "/var/lib/dpkg/status.d/$name" || exit 1; \
    done \
 && install -d -o nobody -g nogroup /prometheus && prometheus --version
USER nobody
VOLUME ["/prometheus"]
ENTRYPOINT ["/bin/prometheus"]

FROM ${BASE_IMAGE} AS alertmanager
RUN --mount=type=bind,from=packages,source=/packages,target=/packages install -d /var/lib/dpkg/status.d \
 && dpkg-deb --fsys-tarfile /packages/prometheus-alertmanager_*.deb \
  | tar -x -C / --keep-directory-symlink ./usr/bin ./usr/share/prometheus ./usr/share/doc/prometheus-alertmanager/copyright \
 && dpkg-deb --field /packages/prometheus-alertmanager_*.deb > /var/lib/dpkg/status.d/prometheus-alertmanager \
 && ln -s prometheus-alertmanager /bin/alertmanager \
 && install -d -o nobody -g nogroup /alertmanager && alertmanager --version
USER nobody
VOLUME ["/alertmanager"]
ENTRYPOINT ["/bin/alertmanager"]
