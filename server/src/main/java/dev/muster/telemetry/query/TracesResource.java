package dev.muster.telemetry.query;

import dev.muster.gateway.signal.Span;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.ScopeFilter;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.telemetry.store.SpanStore;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Spans of traces over HTTP, newest first: those of one asset, or of one trace across assets. */
@RestController
@RequestMapping("/api/v1")
public class TracesResource {
    public static final int MAX_SPANS = 1_000;
    private static final Duration DEFAULT_SPAN = Duration.ofHours(24);
    private static final List<String> KINDS =
            List.of("unspecified", "internal", "server", "client", "producer", "consumer");

    private final SpanStore store;
    private final AssetDirectory assets;
    private final ScopeFilter scopes;
    private final Clock clock;
    private final JsonMapper json = JsonMapper.shared();

    public TracesResource(SpanStore store, AssetDirectory assets, ScopeFilter scopes, Clock clock) {
        this.store = store;
        this.assets = assets;
        this.scopes = scopes;
        this.clock = clock;
    }

    /**
     * @param parentId null for a root
     * @param startNanos since the epoch, as text because JSON's numbers are too short in browsers; durationNanos alike a number
     * @param status unset, ok or error
     */
    public record SpanView(
            String asset,
            String traceId,
            String spanId,
            @Nullable String parentId,
            String name,
            String kind,
            String service,
            String startNanos,
            long durationNanos,
            String status,
            String statusMessage,
            JsonNode attributes,
            JsonNode resource,
            JsonNode events,
            JsonNode links) {}

    /** @param complete false when there are more than were given */
    public record SpansView(List<SpanView> spans, boolean complete) {}

    @GetMapping("/assets/{id}/spans")
    @Operation(
            summary = "Spans of one asset, newest first",
            description =
                    "Of the last 24 h without from. name: exactly. minDurationMillis: that they took at least. failed: with an error only. At most "
                            + MAX_SPANS + ".")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public SpansView spans(
            Actor actor,
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String trace,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable Long minDurationMillis,
            @RequestParam(required = false, defaultValue = "false") boolean failed,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to) {
        AssetId asset = assets.requireVisible(actor, id).id();
        long least = minDurationMillis == null ? 0 : Math.clamp(minDurationMillis, 0, 1_000_000_000_000L) * 1_000_000;
        return view(find(asset, trace, name, least, failed, from, to), null);
    }

    @GetMapping("/traces/{trace}")
    @Operation(
            summary = "Spans of one trace, of all assets that the caller may see, newest first",
            description = "Of the last 24 h without from: an older trace is found only by its time. At most "
                    + MAX_SPANS + ".")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    public SpansView trace(
            Actor actor,
            @PathVariable String trace,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to) {
        List<SpanStore.Row> found = find(null, trace, null, 0, false, from, to);
        Set<AssetId> concerned = found.stream().map(SpanStore.Row::asset).collect(Collectors.toSet());
        return view(found, actor.scope().isAll() ? concerned : scopes.visible(actor.scope(), concerned));
    }

    private List<SpanStore.Row> find(
            @Nullable AssetId asset,
            @Nullable String trace,
            @Nullable String name,
            long least,
            boolean failed,
            @Nullable String from,
            @Nullable String to) {
        long now = clock.millis();
        Times times = Times.of(from, to, now - DEFAULT_SPAN.toMillis(), now + 600_000);
        Long high = null;
        Long low = null;
        if (trace != null && !trace.isBlank()) {
            if (!trace.matches("[0-9a-fA-F]{32}")) {
                throw new Refusal(ErrorCode.INVALID, "a trace id has 32 hexadecimal digits");
            }
            high = HexFormat.fromHexDigitsToLong(trace, 0, 16);
            low = HexFormat.fromHexDigitsToLong(trace, 16, 32);
        }
        return store.find(new SpanStore.Query(
                asset,
                high,
                low,
                name == null || name.isBlank() ? null : name,
                least,
                failed,
                times.from(),
                times.to(),
                MAX_SPANS + 1));
    }

    /** @param visible null for all */
    private SpansView view(List<SpanStore.Row> found, @Nullable Set<AssetId> visible) {
        return new SpansView(
                found.stream()
                        .limit(MAX_SPANS)
                        .filter(row -> visible == null || visible.contains(row.asset()))
                        .map(row -> view(row.asset(), row.span()))
                        .toList(),
                found.size() <= MAX_SPANS);
    }

    private SpanView view(AssetId asset, Span span) {
        HexFormat hex = HexFormat.of();
        return new SpanView(
                asset.value(),
                hex.toHexDigits(span.traceHigh()) + hex.toHexDigits(span.traceLow()),
                hex.toHexDigits(span.id()),
                span.parent() == 0 ? null : hex.toHexDigits(span.parent()),
                span.name(),
                KINDS.get(Math.clamp(span.kind(), 0, KINDS.size() - 1)).toLowerCase(Locale.ROOT),
                span.service(),
                Long.toString(span.startNanos()),
                span.endNanos() - span.startNanos(),
                switch (span.status()) {
                    case 1 -> "ok";
                    case 2 -> "error";
                    default -> "unset";
                },
                span.statusMessage(),
                json.readTree(span.attributes()),
                json.readTree(span.resource()),
                json.readTree(span.events()),
                json.readTree(span.links()));
    }
}
