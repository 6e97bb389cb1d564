package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.Format;
import dev.muster.cli.rest.Api;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The kinds of objects, their names on the command line, where they are in the API, and the columns of their tables. */
enum Kind {
    ASSETS("assets", "asset", "assets", true),
    ASSET_TYPES("asset-types", "asset-type", "types", false),
    GROUPS("groups", "group", "groups", false),
    CONFIGURATIONS("configurations", "configuration", "configs", false),
    ROLLOUTS("rollouts", "rollout", "rollouts", false),
    ALERTS("alerts", "alert", "alerts", false),
    ALERT_RULES("alert-rules", "alert-rule", "rules", false),
    RECEIVERS("receivers", "receiver", "receivers", false),
    ALERT_ROUTINGS("alert-routings", "alert-routing", "routings", false),
    ON_CALL_SCHEDULES("on-call-schedules", "on-call-schedule", "schedules", false),
    SLOS("slos", "slo", "slos", false),
    SLIS("slis", "sli", "slis", false),
    CLAIM_TOKENS("claim-tokens", "claim-token", "claim-tokens", false),
    CERTIFICATES("certificates", "certificate", "certs", false),
    RELEASES("releases", "release", "releases", false),
    TOKENS("tokens", "token", "tokens", false),
    AUDIT("audit", "audit", "audit", false),
    EVENTS("events", "event", "events", false),
    COMMANDS("commands", "command", "commands", false),
    COMMAND_RUNS("command-runs", "command-run", "runs", false),
    INCIDENTS("incidents", "incident", "incidents", false),
    RUNBOOKS("runbooks", "runbook", "runbooks", false);

    private static final Set<String> DECLARED = Set.of("type", "owner", "region", "site", "hardware", "lifecycle");

    private final String path;
    private final String singular;
    private final String alias;
    private final boolean selectable;

    Kind(String path, String singular, String alias, boolean selectable) {
        this.path = path;
        this.singular = singular;
        this.alias = alias;
        this.selectable = selectable;
    }

    static Kind named(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        for (Kind kind : values()) {
            if (wanted.equals(kind.path) || wanted.equals(kind.singular) || wanted.equals(kind.alias)) {
                return kind;
            }
        }
        throw new CommandFailed(ExitCode.USAGE, "there is no kind \"" + text + "\"; known are " + names());
    }

    static String names() {
        return Arrays.stream(values()).map(kind -> kind.path).collect(Collectors.joining(", "));
    }

    /** The segment below {@code /api/v1}. */
    String path() {
        return path;
    }

    String singular() {
        return singular;
    }

    /** Whether {@code --selector} and {@code -q} say something about it. */
    boolean selectable() {
        return selectable;
    }

    List<Column> columns(Instant now) {
        return switch (this) {
            case ASSETS ->
                List.of(
                        Column.of("ID", "id"),
                        Column.of("TYPE", "type"),
                        Column.of("LIFECYCLE", "lifecycle"),
                        Column.of("PRESENCE", "presence"),
                        Column.age("SEEN", "lastSeen", now),
                        Column.of("REGION", "region"),
                        Column.of("SITE", "site"),
                        Column.of("LABELS", "labels"),
                        Column.wide("OWNER", "owner"),
                        Column.wide("HARDWARE", "hardware"),
                        Column.wide("CERTIFICATE EXPIRES", "certificateExpires"),
                        Column.wide("UPDATED", "updated"));
            case ASSET_TYPES ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("CRITICALITY", "spec.criticality"),
                        Column.of("HEARTBEAT", "spec.heartbeat.interval"),
                        Column.of("TTL", "spec.heartbeat.ttl"),
                        new Column("METRICS", false, type -> size(type, "telemetry", "metrics")),
                        new Column("COMMANDS", false, type -> size(type, "commands")),
                        Column.wide("SHIPPED", "status.shippedVersion"),
                        Column.wide("DESCRIPTION", "spec.description"));
            case GROUPS ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("MEMBERS", "status.members"),
                        Column.of("SELECTOR", "spec.selector"),
                        Column.wide("DESCRIPTION", "spec.description"),
                        Column.wide("REFRESHED", "status.refreshed"));
            case CONFIGURATIONS ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("TARGET", "spec.target"),
                        Column.of("PRECEDENCE", "spec.precedence"),
                        Column.of("CONFLICT", "spec.conflict"),
                        new Column("FIELDS", false, item -> size(item, "config")),
                        Column.of("SOFTWARE", "spec.software"),
                        Column.of("ROLLOUT", "status.rollout"),
                        Column.wide("REVISION", "status.revision"),
                        Column.wide("CONFIG", "spec.config"),
                        Column.wide("UPDATED", "metadata.updated"));
            case ROLLOUTS ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("CHANGE", "status.change"),
                        Column.of("PHASE", "status.phase"),
                        Column.age("SINCE", "status.since", now),
                        Column.of("WAVE", "status.wave"),
                        Column.of("TARGETS", "status.targets"),
                        Column.of("COUNTS", "status.counts"),
                        Column.of("WHY", "status.why"),
                        Column.wide("LEFT OUT", "status.leftOut"),
                        Column.wide("SELECTOR", "spec.selector"));
            case ALERTS -> AlertVerb.COLUMNS;
            case ALERT_RULES ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("SEVERITY", "spec.severity"),
                        new Column("CONDITION", false, AlertVerb::condition),
                        Column.of("FOR", "spec.for"),
                        Column.of("WRONG", "status.counts.wrong"),
                        Column.of("UNKNOWN", "status.counts.unknown"),
                        Column.of("FINE", "status.counts.fine"),
                        Column.age("EVALUATED", "status.evaluated", now),
                        Column.wide("PROBLEM", "status.problem"),
                        Column.wide("SELECTOR", "spec.selector"));
            case RECEIVERS, ALERT_ROUTINGS, ON_CALL_SCHEDULES ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("UPDATED", "metadata.updated"),
                        Column.wide("SPEC", "spec"));
            case SLOS ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("STATE", "status.state"),
                        Column.of("SLI", "status.sli"),
                        Column.of("SCOPE", "status.scope"),
                        SloVerb.percent("TARGET", "target", 3),
                        SloVerb.percent("VALUE", "value", 3),
                        SloVerb.percent("BUDGET LEFT", "budgetRemaining", 1),
                        SloVerb.decimal("BURN", "burnRate"),
                        Column.wide("EXHAUSTED IN", "status.exhaustedIn"),
                        Column.wide("SERVICE", "spec.service"));
            case SLIS ->
                List.of(
                        Column.of("NAME", "name"),
                        Column.of("UNIT", "unit"),
                        Column.of("TARGET", "target"),
                        Column.of("DESCRIPTION", "description"),
                        Column.wide("SHIPPED", "shipped"));
            case CLAIM_TOKENS ->
                List.of(
                        Column.of("ID", "id"),
                        Column.of("NAME", "name"),
                        Column.of("TYPE", "type"),
                        Column.of("STATE", "state"),
                        new Column(
                                "USED",
                                false,
                                token -> Column.text(token.path("used")) + "/" + Column.text(token.path("uses"))),
                        Column.age("EXPIRES", "expiresAt", now),
                        Column.wide("IDS", "idPattern"),
                        Column.wide("LABELS", "labels"),
                        Column.wide("CREATED BY", "createdBy"));
            case CERTIFICATES ->
                List.of(
                        Column.of("SERIAL", "serial"),
                        Column.of("ASSET", "asset"),
                        Column.age("EXPIRES", "notAfter", now),
                        Column.of("ORIGIN", "origin"),
                        Column.of("REVOKED", "revokedAt"),
                        Column.wide("FINGERPRINT", "fingerprint"),
                        Column.wide("SUPERSEDED BY", "supersededBy"));
            case RELEASES ->
                List.of(
                        Column.of("NAME", "name"),
                        Column.of("STATUS", "status"),
                        new Column(
                                "FILES",
                                false,
                                release ->
                                        Integer.toString(release.path("files").size())),
                        Column.age("PUBLISHED", "publishedAt", now),
                        Column.of("BY", "publishedBy"),
                        Column.of("REASON", "reason"),
                        Column.wide("COMPONENTS", "components"),
                        Column.wide("PRUNED", "prunedAt"));
            case TOKENS ->
                List.of(
                        Column.of("ID", "id"),
                        Column.of("NAME", "name"),
                        Column.of("ROLE", "role"),
                        Column.of("SCOPE", "scope"),
                        Column.age("EXPIRES", "expiresAt", now),
                        Column.age("LAST USED", "lastUsedAt", now),
                        Column.wide("CREATED BY", "createdBy"),
                        Column.wide("CREATED", "createdAt"));
            case AUDIT ->
                List.of(
                        Column.of("AT", "at"),
                        Column.of("ACTOR", "actor"),
                        Column.of("ACTION", "action"),
                        new Column(
                                "OBJECT",
                                false,
                                entry -> Column.text(entry.path("objectKind")) + "/"
                                        + Column.text(entry.path("objectName"))),
                        Column.wide("BEFORE", "before"),
                        Column.wide("AFTER", "after"),
                        Column.wide("FROM", "remoteAddress"));
            case EVENTS ->
                List.of(
                        Column.of("POSITION", "position|id"),
                        Column.of("AT", "at|ts"),
                        Column.of("TYPE", "type"),
                        Column.of("SUBJECT", "subject"),
                        Column.wide("DATA", "data"));
            case COMMANDS ->
                List.of(
                        Column.of("ID", "id"),
                        Column.of("ASSET", "asset"),
                        Column.of("NAME", "name"),
                        new Column(
                                "STATUS",
                                false,
                                command -> Column.text(command.path("status"))
                                        + (command.path("late").asBoolean(false) ? " (late)" : "")),
                        Column.age("GIVEN", "createdAt", now),
                        Column.age("DEADLINE", "deadline", now),
                        Column.of("ATTEMPT", "attempt"),
                        Column.of("REASON", "reason"),
                        Column.wide("PARAMETERS", "parameters"),
                        Column.wide("DETAIL", "detail"),
                        Column.wide("RUN", "run"),
                        Column.wide("BY", "createdBy"));
            case RUNBOOKS ->
                List.of(
                        Column.of("NAME", "metadata.name"),
                        Column.of("REVISION", "status.revision"),
                        new Column("STEPS", false, item -> size(item, "steps")),
                        Column.of("TRIGGERS", "spec.triggers"),
                        Column.of("SHIPPED", "status.shippedVersion"),
                        Column.wide("DESCRIPTION", "spec.description"));
            case INCIDENTS ->
                List.of(
                        Column.of("NAME", "name"),
                        Column.of("SEVERITY", "severity"),
                        Column.of("STATE", "state"),
                        Column.age("SINCE", "evidenceAt", now),
                        Column.of("OWNER", "owner"),
                        Column.of("ASSETS", "assets"),
                        Column.of("TITLE", "title"),
                        Column.wide("CLASS", "class"),
                        Column.wide("RESOLVED BY", "resolvedBy"),
                        Column.wide("CAUSES", "causes"));
            case COMMAND_RUNS ->
                List.of(
                        Column.of("ID", "id"),
                        Column.of("NAME", "name"),
                        Column.of("STATE", "state"),
                        Column.of("ASSETS", "assets"),
                        Column.of("COMMANDS", "commands"),
                        Column.age("STARTED", "createdAt", now),
                        Column.of("STOPPED", "stopped"),
                        Column.of("SELECTOR", "selector|retryOf"),
                        Column.wide("CONCURRENCY", "concurrency"),
                        Column.wide("MAX FAILURES", "maxFailures"),
                        Column.wide("BY", "createdBy"));
        };
    }

    /** In YAML an asset is the document that {@code muster apply} takes. */
    JsonNode shown(JsonNode item, Format format) {
        if (this != ASSETS || format != Format.yaml || !item.isObject()) {
            return item;
        }
        ObjectNode document =
                Api.JSON.createObjectNode().put("apiVersion", "muster.dev/v1").put("kind", "Asset");
        document.putObject("metadata").set("name", item.path("id"));
        if (!item.path("labels").isEmpty()) {
            document.withObject("metadata").set("labels", item.path("labels"));
        }
        ObjectNode spec = document.putObject("spec");
        ObjectNode status = Api.JSON.createObjectNode();
        item.forEachEntry((field, value) -> {
            if (DECLARED.contains(field)) {
                if (!value.asString("").isEmpty()) {
                    spec.set(field, value);
                }
            } else if (!Set.of("id", "labels", "resourceVersion").contains(field) && !value.isNull()) {
                status.set(field, value);
            }
        });
        document.set("status", status);
        return document;
    }

    private static String size(JsonNode item, String... path) {
        JsonNode found = item.path("spec");
        for (String field : path) {
            found = found.path(field);
        }
        return Integer.toString(found.size());
    }
}
