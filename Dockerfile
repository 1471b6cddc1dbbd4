# One file, two images: eai and dpi differ only in the folder of their site.
# BASE_IMAGE is any Debian 13 with Node 24, npm and a user "node" (1000); setup/ chooses it where no registry answers.
ARG BASE_IMAGE=node:24-trixie-slim

FROM ${BASE_IMAGE} AS base
# nothing that only a recommendation wants
RUN apt-get update \
 && apt-get install -y --no-install-recommends stunnel4 \
 && rm -rf /var/lib/apt/lists/* /var/log/*

FROM base AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM base AS site
WORKDIR /app
# the mount points carry the owner that their volumes get
RUN install -d -o node -g node /data /certs /pki /pki/authority /pki/eai /pki/dpi /pki/lab
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY stunnel stunnel
COPY src src
RUN for command in send send-loop listen queue check health site; do ln -s /app/src/bin/$command.ts /usr/local/bin/$command; done \
 && ln -s /app/src/bin/health-check.sh /usr/local/bin/health-check \
 && for command in gen-certs certs; do ln -s /app/stunnel/$command.ts /usr/local/bin/$command; done
ENV NODE_ENV=production DATA_DIR=/data
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
