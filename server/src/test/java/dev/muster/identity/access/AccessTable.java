package dev.muster.identity.access;

import static dev.muster.identity.Role.ADMIN;
import static dev.muster.identity.Role.OPERATOR;
import static dev.muster.identity.Role.VIEWER;
import static dev.muster.identity.access.Row.Narrower.FORBIDDEN;
import static dev.muster.identity.access.Row.Narrower.LEFT_OUT;
import static dev.muster.identity.access.Row.Narrower.NOT_FOUND;
import static dev.muster.identity.access.Row.Narrower.SAME;
import static dev.muster.identity.access.Row.row;

import java.util.List;

/**
 * Every route of the management API: one line each, and a new route is a new line here.
 *
 * <p>A line says the least role, and what happens to an actor whose scope leaves the asset of the request out. Give a body that
 * the route accepts; the variables of path, query and body are those of {@link World#filled}. A path's {@code {id}} is an asset
 * unless the line says {@code with} something else. A route that answers an allowed call other than with success says so with
 * {@code answering}; one that never ends with {@code streaming}.
 */
final class AccessTable {
    private static final String OUTSIDE = "\"type\":\"sensor\",\"labels\":{\"side\":\"outside\"}";

    private static final String HASH = "0".repeat(64);

    static final List<Row> ROWS = List.of(new Row[] {
        // identity, audit
        row("GET", "/api/v1/whoami", VIEWER, SAME),
        row("GET", "/api/v1/tokens", ADMIN, SAME),
        row("POST", "/api/v1/tokens", ADMIN, FORBIDDEN).json("{\"name\":\"made-$n\",\"role\":\"viewer\"}"),
        row("DELETE", "/api/v1/tokens/{id}", ADMIN, NOT_FOUND).with("id", "$token"),
        row("POST", "/api/v1/session", VIEWER, SAME),
        row("GET", "/api/v1/session", VIEWER, SAME).answering(404),
        row("DELETE", "/api/v1/session", VIEWER, SAME),
        row("DELETE", "/api/v1/sessions", VIEWER, SAME),
        row("GET", "/api/v1/sessions", VIEWER, SAME),
        row("GET", "/api/v1/permissions", VIEWER, SAME),
        row("GET", "/api/v1/audit", VIEWER, LEFT_OUT).query("limit=1000"),
        row("GET", "/api/v1/audit/export", VIEWER, LEFT_OUT),
        // stream
        row("GET", "/api/v1/events", VIEWER, LEFT_OUT).query("limit=1000"),
        row("GET", "/api/v1/stream", VIEWER, SAME).streaming(),
        // registry
        row("GET", "/api/v1/assets", VIEWER, LEFT_OUT).query("limit=1000"),
        row("GET", "/api/v1/assets/count", VIEWER, SAME),
        row("GET", "/api/v1/asset-facets", VIEWER, SAME).query("by=type"),
        row("GET", "/api/v1/asset-keys", VIEWER, SAME),
        row("GET", "/api/v1/asset-places", VIEWER, SAME),
        row("POST", "/api/v1/asset-changes", OPERATOR, SAME)
                .query("dryRun=true")
                .json("{\"ids\":[\"$asset\"],\"owner\":\"somebody\"}"),
        row("GET", "/api/v1/asset-changes", VIEWER, SAME),
        row("GET", "/api/v1/asset-changes/{id}", VIEWER, SAME)
                .with("id", "absent")
                .answering(404),
        row("POST", "/api/v1/asset-changes/{id}/stop", OPERATOR, SAME)
                .with("id", "absent")
                .answering(404),
        row("GET", "/api/v1/asset-views", VIEWER, SAME),
        row("POST", "/api/v1/asset-views", VIEWER, SAME).json("{\"name\":\"mine\"}"),
        row("DELETE", "/api/v1/asset-views/{id}", VIEWER, SAME)
                .with("id", "absent")
                .answering(404),
        row("POST", "/api/v1/assets", OPERATOR, FORBIDDEN).json("{\"id\":\"made-$n\"," + OUTSIDE + "}"),
        row("GET", "/api/v1/assets/{id}", VIEWER, NOT_FOUND),
        row("PUT", "/api/v1/assets/{id}", OPERATOR, NOT_FOUND).json("{" + OUTSIDE + "}"),
        row("DELETE", "/api/v1/assets/{id}", OPERATOR, NOT_FOUND),
        row("POST", "/api/v1/assets/{id}/retirement", OPERATOR, NOT_FOUND).json("{\"wipe\":false,\"confirm\":true}"),
        row("GET", "/api/v1/assets/{id}/retirement", VIEWER, NOT_FOUND).answering(204),
        row("POST", "/api/v1/assets/{id}/restore", ADMIN, NOT_FOUND).answering(409),
        row("GET", "/api/v1/asset-types", VIEWER, SAME),
        row("GET", "/api/v1/asset-types/{name}", VIEWER, SAME).with("name", "sensor"),
        row("DELETE", "/api/v1/asset-types/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/slos", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/slos/{name}", VIEWER, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("DELETE", "/api/v1/slos/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/slos/{name}/burn", VIEWER, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/slos/{name}/causes", VIEWER, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/reviews/{period}", VIEWER, FORBIDDEN).with("period", "weekly"),
        row("GET", "/api/v1/slis", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/slis/{name}", VIEWER, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("DELETE", "/api/v1/slis/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/groups", VIEWER, SAME),
        row("GET", "/api/v1/groups/{name}", VIEWER, SAME).with("name", "absent").answering(404),
        row("DELETE", "/api/v1/groups/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/groups/{name}/members", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/assets/import", OPERATOR, SAME).body("text/csv", "id,type\n$asset,sensor\n"),
        row("GET", "/api/v1/assets/export", VIEWER, LEFT_OUT),
        row("POST", "/api/v1/apply", OPERATOR, FORBIDDEN).body("application/yaml", """
                        apiVersion: muster.dev/v1
                        kind: Asset
                        metadata: {name: $asset, labels: {side: outside}}
                        spec: {type: sensor, owner: owner-$n}
                        """),
        // commands
        row("GET", "/api/v1/commands/{id}", VIEWER, NOT_FOUND).with("id", "$command"),
        row("GET", "/api/v1/commands", VIEWER, LEFT_OUT).query("asset=$asset&limit=1000"),
        row("POST", "/api/v1/commands", OPERATOR, NOT_FOUND).json("{\"asset\":\"$asset\",\"name\":\"identify\"}"),
        row("POST", "/api/v1/commands/{id}/cancel", OPERATOR, NOT_FOUND).with("id", "$command"),
        row("GET", "/api/v1/commands/success-rate", VIEWER, SAME),
        row("GET", "/api/v1/command-runs/{id}", VIEWER, NOT_FOUND).with("id", "$run"),
        row("GET", "/api/v1/command-runs", VIEWER, LEFT_OUT).query("limit=1000"),
        row("POST", "/api/v1/command-runs", OPERATOR, NOT_FOUND)
                .json("{\"name\":\"identify\",\"selector\":\"asset.id == '$asset'\"}"),
        row("POST", "/api/v1/command-runs/{id}/cancel", OPERATOR, NOT_FOUND).with("id", "$run"),
        // telemetry, presence
        row("GET", "/api/v1/assets/{id}/telemetry", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/logs", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/events", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/positions", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/series", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/samples", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/spans", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/traces/{trace}", VIEWER, SAME).with("trace", "0af7651916cd43dd8448eb211c80319c"),
        row("GET", "/api/v1/assets/{id}/presence", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/timeline", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/availability", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/availability", VIEWER, SAME),
        // twin
        row("GET", "/api/v1/assets/{id}/twin", VIEWER, NOT_FOUND),
        row("GET", "/api/v1/drift", VIEWER, LEFT_OUT).query("state=all&limit=1000"),
        row("GET", "/api/v1/drift/summary", VIEWER, SAME),
        row("GET", "/api/v1/configurations", VIEWER, SAME),
        row("GET", "/api/v1/configurations/{name}", VIEWER, NOT_FOUND).with("name", "$configuration"),
        row("GET", "/api/v1/configurations/{name}/revisions", VIEWER, NOT_FOUND).with("name", "$configuration"),
        row("DELETE", "/api/v1/configurations/{name}", OPERATOR, NOT_FOUND).with("name", "$configuration"),
        row("GET", "/api/v1/telemetry/aggregate", VIEWER, SAME).query("metric=temperature"),
        row("GET", "/api/v1/telemetry/export", VIEWER, SAME).query("type=sensor"),
        row("GET", "/api/v1/telemetry/latest", VIEWER, LEFT_OUT).query("limit=1000"),
        row("GET", "/api/v1/telemetry/refused", VIEWER, SAME),
        row("GET", "/api/v1/full-logs", VIEWER, LEFT_OUT).query("limit=1000"),
        row("POST", "/api/v1/full-logs", OPERATOR, NOT_FOUND)
                .json("{\"selector\":\"asset.id == '$asset'\",\"length\":\"1h\",\"reason\":\"a try\"}"),
        row("DELETE", "/api/v1/assets/{id}/full-logs", OPERATOR, NOT_FOUND),
        // alerts
        row("GET", "/api/v1/alerts", VIEWER, SAME),
        row("GET", "/api/v1/alerts/{fingerprint}", VIEWER, SAME)
                .with("fingerprint", "0000000000000000")
                .answering(404),
        row("GET", "/api/v1/alerts/{fingerprint}/assets", VIEWER, SAME)
                .with("fingerprint", "0000000000000000")
                .answering(404),
        row("GET", "/api/v1/alerts/{fingerprint}/explain", VIEWER, SAME)
                .with("fingerprint", "0000000000000000")
                .answering(404),
        row("GET", "/api/v1/alerts/{fingerprint}/why", VIEWER, SAME)
                .with("fingerprint", "0000000000000000")
                .answering(404),
        row("POST", "/api/v1/alerts/{fingerprint}/acknowledge", OPERATOR, SAME)
                .with("fingerprint", "0000000000000000")
                .json("{\"note\":\"a test\"}")
                .answering(404),
        row("GET", "/api/v1/alert-rules", VIEWER, SAME),
        row("GET", "/api/v1/alert-rules/{name}", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("DELETE", "/api/v1/alert-rules/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/alert-rules/test", VIEWER, SAME).json("{}").answering(400),
        row("GET", "/api/v1/receivers", VIEWER, SAME),
        row("GET", "/api/v1/receivers/{name}", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("DELETE", "/api/v1/receivers/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/alert-routings", VIEWER, SAME),
        row("DELETE", "/api/v1/alert-routings/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/alert-routings/test", VIEWER, SAME).json("{\"labels\":{\"alertname\":\"absent\"}}"),
        row("GET", "/api/v1/on-call-schedules", VIEWER, SAME),
        row("DELETE", "/api/v1/on-call-schedules/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/on-call", VIEWER, SAME),
        row("GET", "/api/v1/on-call/{schedule}/calendar", VIEWER, SAME)
                .with("schedule", "absent")
                .answering(404),
        row("POST", "/api/v1/on-call/{schedule}/overrides", OPERATOR, FORBIDDEN)
                .with("schedule", "absent")
                .json("{\"person\":\"ann\",\"to\":\"2030-01-01T00:00:00Z\"}")
                .answering(404),
        row("DELETE", "/api/v1/on-call/{schedule}/overrides/{id}", OPERATOR, FORBIDDEN)
                .with("schedule", "absent")
                .with("id", "absent")
                .answering(404),
        row("GET", "/api/v1/silences", VIEWER, SAME),
        row("POST", "/api/v1/silences", OPERATOR, FORBIDDEN)
                .json("{\"matchers\":[\"alertname=\\\"absent\\\"\"],\"duration\":\"1h\",\"comment\":\"a test\"}"),
        row("POST", "/api/v1/silences/preview", VIEWER, SAME).json("{\"matchers\":[\"alertname=\\\"absent\\\"\"]}"),
        row("DELETE", "/api/v1/silences/{id}", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .answering(404),
        row("GET", "/api/v1/notifications", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/alert-secrets", ADMIN, FORBIDDEN),
        row("PUT", "/api/v1/alert-secrets/{name}", ADMIN, FORBIDDEN)
                .with("name", "made-$n")
                .json("{\"value\":\"x\"}"),
        row("DELETE", "/api/v1/alert-secrets/{name}", ADMIN, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/integration-keys", ADMIN, FORBIDDEN),
        row("POST", "/api/v1/integration-keys", ADMIN, FORBIDDEN).json("{\"name\":\"made-$n\"}"),
        row("DELETE", "/api/v1/integration-keys/{name}", ADMIN, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/pagerduty/v2/enqueue", OPERATOR, FORBIDDEN)
                .json("{\"routing_key\":\"r\",\"event_action\":\"resolve\",\"dedup_key\":\"absent\"}"),
        // files
        row("GET", "/api/v1/files", OPERATOR, LEFT_OUT).query("asset=$asset&limit=1000"),
        row("GET", "/api/v1/files/{id}", OPERATOR, NOT_FOUND).with("id", "$file"),
        row("GET", "/api/v1/files/{id}/content", OPERATOR, NOT_FOUND).with("id", "$file"),
        row("PATCH", "/api/v1/files/{id}", OPERATOR, NOT_FOUND)
                .with("id", "$file")
                .json("{\"hold\":\"a try\"}"),
        row("DELETE", "/api/v1/files/{id}", OPERATOR, NOT_FOUND).with("id", "$file"),
        // backups
        row("GET", "/api/v1/backups", ADMIN, FORBIDDEN),
        row("POST", "/api/v1/backups", ADMIN, FORBIDDEN)
                .query("bytesPerSecond=1")
                .answering(400),
        // console
        row("GET", "/api/v1/overview", VIEWER, SAME),
        row("GET", "/api/v1/readiness", VIEWER, SAME),
        row("GET", "/api/v1/fleet/trend", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/fleet/history", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/fleet/growth", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/fleet/changes", VIEWER, SAME),
        row("GET", "/api/v1/failing-assets", VIEWER, SAME),
        row("GET", "/api/v1/system-health", VIEWER, FORBIDDEN),
        // releases
        row("GET", "/api/v1/releases", VIEWER, SAME),
        row("GET", "/api/v1/releases/{name}", VIEWER, SAME)
                .with("name", "absent@1")
                .answering(404),
        row("POST", "/api/v1/releases/{name}/quarantine", OPERATOR, FORBIDDEN)
                .with("name", "absent@1")
                .json("{\"reason\":\"a test\"}")
                .answering(404),
        row("POST", "/api/v1/releases/{name}/release", OPERATOR, FORBIDDEN)
                .with("name", "absent@1")
                .json("{\"reason\":\"a test\"}")
                .answering(404),
        row("POST", "/api/v1/releases/prune", ADMIN, FORBIDDEN)
                .json("{\"keep\":0}")
                .answering(400),
        row("GET", "/api/v1/releases/{name}/sbom", VIEWER, SAME)
                .with("name", "absent@1")
                .answering(404),
        row("GET", "/api/v1/releases/{name}/provenance", VIEWER, SAME)
                .with("name", "absent@1")
                .answering(404),
        row("GET", "/api/v1/sbom-components", VIEWER, SAME).query("name=log4j-core"),
        row("GET", "/api/v1/tuf", VIEWER, SAME),
        row("GET", "/api/v1/tuf/{file}", VIEWER, SAME).with("file", "root.json").answering(404),
        row("POST", "/api/v1/tuf", OPERATOR, FORBIDDEN)
                .json("{\"metadata\":{}}")
                .answering(400),
        row("GET", "/api/v1/artifacts/{sha256}", VIEWER, SAME).with("sha256", HASH),
        row("GET", "/api/v1/artifacts/{sha256}/content", VIEWER, SAME)
                .with("sha256", HASH)
                .answering(404),
        row("PATCH", "/api/v1/artifacts/{sha256}", OPERATOR, FORBIDDEN)
                .with("sha256", HASH)
                .body("application/octet-stream", "without its headers")
                .answering(400),
        // hooks
        row("GET", "/api/v1/release-hooks", VIEWER, SAME),
        row("POST", "/api/v1/release-hooks", ADMIN, SAME)
                .json("{\"name\":\"x\"}")
                .answering(400),
        row("GET", "/api/v1/release-hooks/{name}", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/release-hooks/{name}/deliveries", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("DELETE", "/api/v1/release-hooks/{name}", ADMIN, SAME)
                .with("name", "absent")
                .answering(404),
        // rollouts
        row("GET", "/api/v1/rollouts", VIEWER, SAME),
        row("GET", "/api/v1/rollouts/{name}", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("DELETE", "/api/v1/rollouts/{name}", OPERATOR, SAME)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/rollouts/{name}/plan", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/approve", OPERATOR, SAME)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/rollouts/plan", VIEWER, SAME).json("{\"spec\":{}}").answering(400),
        row("GET", "/api/v1/rollouts/{name}/targets", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/rollouts/{name}/categories", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/rollouts/{name}/targets/{asset}", VIEWER, SAME)
                .with("name", "absent")
                .with("asset", "$asset")
                .answering(404),
        row("GET", "/api/v1/rollouts/{name}/decisions", VIEWER, SAME)
                .with("name", "absent")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/start", OPERATOR, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/pause", OPERATOR, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/resume", OPERATOR, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/abort", OPERATOR, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/rollback", OPERATOR, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/promote", ADMIN, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/exclude", OPERATOR, SAME)
                .with("name", "absent")
                .json("{\"assets\":[\"a\"]}")
                .answering(404),
        row("GET", "/api/v1/releases/{name}/withheld", VIEWER, SAME).with("name", "app@1.0"),
        row("POST", "/api/v1/releases/{name}/withheld/{id}/end", OPERATOR, FORBIDDEN)
                .with("name", "app@1.0")
                .with("id", "1")
                .json("{\"reason\":\"fixed\"}")
                .answering(404),
        row("POST", "/api/v1/rollouts/{name}/retry", OPERATOR, SAME)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        // incidents
        row("GET", "/api/v1/incidents", VIEWER, SAME),
        row("POST", "/api/v1/incidents", OPERATOR, SAME).json("{}").answering(400),
        row("GET", "/api/v1/incidents/figures", VIEWER, SAME),
        row("GET", "/api/v1/incidents/{name}", VIEWER, SAME)
                .with("name", "INC-0")
                .answering(404),
        row("GET", "/api/v1/incidents/{name}/postmortem", VIEWER, SAME)
                .with("name", "INC-0")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/acknowledge", OPERATOR, SAME)
                .with("name", "INC-0")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/mitigate", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/resolve", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/reopen", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/assign", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/notes", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{\"text\":\"a try\"}")
                .answering(404),
        row("PUT", "/api/v1/incidents/{name}/postmortem", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{\"version\":0,\"sections\":{}}")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/actions", OPERATOR, SAME)
                .with("name", "INC-0")
                .json("{\"text\":\"a\",\"owner\":\"b\",\"due\":\"2026-12-24\"}")
                .answering(404),
        row("POST", "/api/v1/incidents/{name}/actions/{action}/done", OPERATOR, SAME)
                .with("name", "INC-0")
                .with("action", "1")
                .answering(404),
        // runbooks
        row("GET", "/api/v1/runbooks", VIEWER, SAME),
        row("GET", "/api/v1/runbooks/figures", VIEWER, SAME),
        row("POST", "/api/v1/runbooks/test", VIEWER, SAME).json("{}").answering(400),
        row("GET", "/api/v1/runbooks/{name}", VIEWER, SAME).with("name", "disk-full"),
        row("DELETE", "/api/v1/runbooks/{name}", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .answering(404),
        row("GET", "/api/v1/runbooks/{name}/revisions", VIEWER, SAME).with("name", "disk-full"),
        row("POST", "/api/v1/runbooks/{name}/plan", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/runbooks/{name}/run", OPERATOR, FORBIDDEN)
                .with("name", "absent")
                .json("{}")
                .answering(404),
        row("GET", "/api/v1/runbook-runs", VIEWER, SAME),
        row("GET", "/api/v1/runbook-runs/{id}", VIEWER, SAME)
                .with("id", "absent")
                .answering(404),
        row("POST", "/api/v1/runbook-runs/{id}/stop", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .answering(404),
        row("POST", "/api/v1/runbook-runs/{id}/approve", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .answering(404),
        row("POST", "/api/v1/runbook-runs/{id}/claim", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .json("{}")
                .answering(404),
        row("POST", "/api/v1/gamedays", OPERATOR, FORBIDDEN).json("{}").answering(400),
        row("GET", "/api/v1/gamedays", VIEWER, FORBIDDEN),
        row("GET", "/api/v1/gamedays/{id}", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .answering(404),
        row("POST", "/api/v1/gamedays/{id}/end", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .answering(404),
        // pki
        row("GET", "/api/v1/ca", VIEWER, SAME),
        row("GET", "/api/v1/certificates/{serial}", VIEWER, NOT_FOUND).with("serial", "$certificate"),
        row("GET", "/api/v1/certificates/expiry", VIEWER, SAME),
        row("GET", "/api/v1/certificates", VIEWER, LEFT_OUT).query("asset=$asset&limit=1000"),
        row("POST", "/api/v1/certificates/{serial}/revoke", OPERATOR, NOT_FOUND).with("serial", "$certificate"),
        row("POST", "/api/v1/assets/{id}/credentials", OPERATOR, NOT_FOUND),
        row("POST", "/api/v1/assets/{id}/tokens", OPERATOR, NOT_FOUND),
        row("GET", "/api/v1/assets/{id}/tokens", VIEWER, NOT_FOUND),
        row("DELETE", "/api/v1/assets/{id}/tokens/{token}", OPERATOR, NOT_FOUND).with("token", "$plaintoken"),
        row("GET", "/api/v1/claim-tokens", VIEWER, FORBIDDEN),
        row("POST", "/api/v1/claim-tokens", OPERATOR, FORBIDDEN).json("{\"type\":\"sensor\"}"),
        row("GET", "/api/v1/gateway-tokens", VIEWER, FORBIDDEN),
        row("POST", "/api/v1/gateway-tokens", OPERATOR, FORBIDDEN).json("{\"type\":\"sensor\"}"),
        row("DELETE", "/api/v1/gateway-tokens/{id}", OPERATOR, FORBIDDEN)
                .with("id", "absent")
                .answering(404),
        row("GET", "/api/v1/claim-tokens/{id}", VIEWER, FORBIDDEN).with("id", "$claim"),
        row("DELETE", "/api/v1/claim-tokens/{id}", OPERATOR, FORBIDDEN).with("id", "$claim"),
    });

    /** Routes that are no part of the document. */
    static final List<Row> UNDOCUMENTED = List.of(new Row[] {
        row("GET", "/api/openapi.json", VIEWER, SAME),
    });

    private AccessTable() {}
}
