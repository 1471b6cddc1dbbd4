# One file, two images: eai and dpi differ only in the folder of their site.
# BASE_IMAGE is any Debian 13 with Node 24, npm and a user "node" (1000); setup/ chooses it where no registry answers.
ARG BASE_IMAGE=node:24-trixie-slim

FROM ${BASE_IMAGE} AS base
# Debian's Stunnel without the Perl and systemd of its package, 65 MB that the program never starts. apt holds it
# against Debian's signed index as at an installation; status.d is where scanners look for what dpkg did not install.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libssl3t64 libsystemd0 libwrap0 netbase openssl \
 && cd /tmp && apt-get download stunnel4 \
 && dpkg-deb --fsys-tarfile stunnel4_*.deb \
  | tar -x -C / ./usr/bin/stunnel4 ./usr/bin/stunnel ./usr/share/doc/stunnel4/copyright \
 && install -d /var/lib/dpkg/status.d && dpkg-deb --field stunnel4_*.deb > /var/lib/dpkg/status.d/stunnel4 \
 && rm -rf stunnel4_*.deb /var/lib/apt/lists/* /var/log/* \
 && stunnel -version

FROM ${BASE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM base AS site
WORKDIR /app
# the mount points carry the owner that their volumes get
RUN install -d -o node -g node /data /certs /pki /pki/authority /pki/eai /pki/dpi /pki/lab
RUN for command in send send-loop listen queue audit check health site; do ln -s /app/src/bin/$command.ts /usr/local/bin/$command; done \
 && ln -s /app/src/bin/health-check.sh /usr/local/bin/health-check \
 && for command in gen-certs certs; do ln -s /app/stunnel/$command.ts /usr/local/bin/$command; done
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY stunnel stunnel
COPY src src
# what Node makes of the TypeScript, for the user and the processor that ran it: a command starts in half the time
ENV NODE_ENV=production DATA_DIR=/data NODE_COMPILE_CACHE=/app/.compiled
# Node lets 16 MiB of what is used up gather before it looks, and with it ten times as much of payloads
ENV NODE_OPTIONS=--max-semi-space-size=2 MALLOC_ARENA_MAX=2
RUN --mount=type=bind,source=eai/site.ts,target=/app/eai/site.ts \
    --mount=type=bind,source=dpi/site.ts,target=/app/dpi/site.ts \
    install -d -o node .compiled && setpriv --reuid=node --regid=node --clear-groups node --input-type=module --eval \
    'const files = process.argv.splice(1, Infinity, "--help"); for (const file of files) await import(file)' \
    /app/src/bin/*.ts /app/src/store/checkpoint-worker.ts /app/stunnel/gen-certs.ts /app/stunnel/certs.ts /app/*/site.ts > /dev/null \
 && chown -R root .compiled && chmod -R a+rX .compiled
USER node
VOLUME ["/data"]
CMD ["site"]

FROM site AS eai
COPY eai eai
ENV SITE=eai
EXPOSE 32200

FROM site AS dpi
COPY dpi dpi
ENV SITE=dpi
EXPOSE 32100
