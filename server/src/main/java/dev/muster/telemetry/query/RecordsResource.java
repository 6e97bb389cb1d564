package dev.muster.telemetry.query;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.Severity;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Cursor;
import dev.muster.telemetry.store.TelemetryStore.TailQuery;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logs, events and positions over HTTP, newest first. Their times are milliseconds since the epoch, as in the protocol. */
@RestController
@RequestMapping("/api/v1/assets/{id}")
public class RecordsResource {
    static final int MAX_TEXT = 200;

    private final TelemetryStore store;
    private final AssetDirectory assets;
    private final JsonMapper json = JsonMapper.shared();

    public RecordsResource(TelemetryStore store, AssetDirectory assets) {
        this.store = store;
        this.assets = assets;
    }

    /** @param severity trace, debug, info, warn, error or fatal */
    public record LogView(long ts, long receivedAt, String severity, String body, JsonNode attributes) {}

    @GetMapping("/logs")
    @Operation(
            summary = "Log lines of one asset, newest first",
            description =
                    "severity: this one or worse. contains: text in the body, without regard to case. attribute: name=value."
                            + " receivedFrom: what the server received since, whatever its own time, for following on: ask again from a"
                            + " minute before the newest that was seen, since lines of one asset can be stored in another order.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public Page<LogView> logs(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String contains,
            @Parameter(example = "logger=dev.acme.Pump") @RequestParam(required = false) @Nullable String attribute,
            @RequestParam(required = false) @Nullable String receivedFrom,
            PageRequest page) {
        TailQuery all = query(actor, id, from, to, severity, contains, page);
        TailQuery query = new TailQuery(
                all.type(),
                all.asset(),
                all.from(),
                all.to(),
                all.before(),
                all.atLeast(),
                all.containing(),
                Times.of(receivedFrom, null, 0, Times.MAX_MILLIS).from(),
                attribute(attribute),
                all.limit());
        return Page.of(store.logs(query), page, RecordsResource::key)
                .map(line -> new LogView(
                        line.ts(),
                        line.receivedAt(),
                        line.severity().name().toLowerCase(Locale.ROOT),
                        line.body(),
                        json.readTree(line.attributes())));
    }

    public record EventView(
            long ts,
            long receivedAt,
            String type,
            String severity,
            @Nullable String message,
            JsonNode data) {}

    @GetMapping("/events")
    @Operation(
            summary = "Events that one asset reported, newest first",
            description = "severity: this one or worse. contains: text in type or message, without regard to case.")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public Page<EventView> events(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(required = false) @Nullable String severity,
            @RequestParam(required = false) @Nullable String contains,
            PageRequest page) {
        TailQuery query = query(actor, id, from, to, severity, contains, page);
        return Page.of(store.events(query), page, RecordsResource::key)
                .map(event -> new EventView(
                        event.ts(),
                        event.receivedAt(),
                        event.type(),
                        event.severity().name().toLowerCase(Locale.ROOT),
                        event.message(),
                        json.readTree(event.data())));
    }

    /** WGS 84 degrees, metres, metres per second, degrees clockwise from north. */
    public record PositionView(
            long ts,
            long receivedAt,
            double lat,
            double lon,
            @Nullable Double alt,
            @Nullable Double speed,
            @Nullable Double heading,
            @Nullable Double accuracy,
            @Nullable String fix) {}

    @GetMapping("/positions")
    @Operation(summary = "Positions of one asset, newest first")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public Page<PositionView> positions(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            PageRequest page) {
        TailQuery query = query(actor, id, from, to, null, null, page);
        return Page.of(store.positions(query), page, position -> position.ts() + ":0")
                .map(at -> new PositionView(
                        at.ts(),
                        at.receivedAt(),
                        at.lat(),
                        at.lon(),
                        at.alt(),
                        at.speed(),
                        at.heading(),
                        at.accuracy(),
                        at.fix()));
    }

    private TailQuery query(
            Actor actor,
            String id,
            @Nullable String from,
            @Nullable String to,
            @Nullable String severity,
            @Nullable String contains,
            PageRequest page) {
        var asset = assets.requireVisible(actor, id);
        Times times = Times.of(from, to, 0, Times.MAX_MILLIS);
        if (contains != null && contains.length() > MAX_TEXT) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "contains has " + contains.length() + " characters; at most " + MAX_TEXT + " are allowed");
        }
        return new TailQuery(
                asset.type(),
                asset.id(),
                times.from(),
                times.to(),
                cursor(page.after()),
                severity(severity),
                contains == null || contains.isEmpty() ? null : contains,
                page.fetch());
    }

    private static TelemetryStore.@Nullable Attribute attribute(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        int equals = text.indexOf('=');
        if (equals < 1 || text.length() > MAX_TEXT) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "attribute must be name=value of at most " + MAX_TEXT
                            + " characters, such as logger=dev.acme.Pump");
        }
        return new TelemetryStore.Attribute(text.substring(0, equals), text.substring(equals + 1));
    }

    private static @Nullable Severity severity(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return Arrays.stream(Severity.values())
                .filter(severity -> severity.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID, "severity must be one of trace, debug, info, warn, error, fatal"));
    }

    private static String key(Row.Hashed row) {
        return row.ts() + ":" + row.hash();
    }

    private static @Nullable Cursor cursor(@Nullable String key) {
        if (key == null) {
            return null;
        }
        int colon = key.indexOf(':');
        try {
            return new Cursor(Long.parseLong(key, 0, Math.max(colon, 0), 10), Long.parseLong(key.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "continue is not a token that this route gave out; ask again without it to start from the newest");
        }
    }
}
