# The image runs compiled JavaScript: stripping types at every start costs memory that a service does not need.
FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY grafana/code grafana/code
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-slim
WORKDIR /app
# One arena of malloc and a small heap: the service is to be small beside its neighbours.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist ./
# Volumes take the owner and mode of these folders: the store, tokens, and what Grafana reads.
RUN mkdir /data /tokens /grafana && chown node:node /data /grafana && chown node:root /tokens && chmod 750 /tokens
USER node
VOLUME /data
EXPOSE 9477
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9477/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=2", "--optimize-for-size", "src/main.js"]
CMD ["run", "--config", "/config/livetally.yaml"]
