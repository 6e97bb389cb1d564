package dev.muster.telemetry.query;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.web.BrokenOffException;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetGrouping;
import dev.muster.telemetry.export.CsvReadings;
import dev.muster.telemetry.export.ParquetReadings;
import dev.muster.telemetry.export.ReadingsFile;
import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore;
import dev.muster.telemetry.store.TelemetryStore.Slice;
import dev.muster.telemetry.store.TelemetryStore.SliceQuery;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Readings of many assets as a file over HTTP. */
@RestController
@RequestMapping("/api/v1/telemetry")
class ExportResource {
    static final int MAX_ASSETS = 200_000;
    static final int MAX_EXPORTS = 2;
    /** Rows in memory, and in a row group. */
    static final int ROWS_AT_ONCE = 20_000;

    private final TelemetryStore store;
    private final AssetDirectory assets;
    private final Clock clock;
    private final Semaphore exports = new Semaphore(MAX_EXPORTS);

    ExportResource(TelemetryStore store, AssetDirectory assets, Clock clock) {
        this.store = store;
        this.assets = assets;
        this.clock = clock;
    }

    private enum Format {
        CSV("text/csv;charset=UTF-8", "csv"),
        PARQUET("application/vnd.apache.parquet", "parquet");

        private final String mediaType;
        private final String suffix;

        Format(String mediaType, String suffix) {
            this.mediaType = mediaType;
            this.suffix = suffix;
        }

        static Format of(String text) {
            for (Format format : values()) {
                if (format.suffix.equals(text)) {
                    return format;
                }
            }
            throw new Refusal(ErrorCode.INVALID, "format must be csv or parquet");
        }
    }

    @GetMapping("/export")
    @Requires(verb = Verb.READ, kind = Kind.TELEMETRY)
    @Operation(
            operationId = "exportTelemetry",
            summary = "Readings of the selected assets as a file, in the order of time",
            description =
                    "A row for each reading: ts, asset, and a column for each metric. Assets of one type; without from the last"
                            + " hour, without metrics all. Sent while it is read, of any length; in CSV a text that a spreadsheet"
                            + " would take for a formula begins with an apostrophe. At most " + MAX_EXPORTS
                            + " at the same time.")
    @ApiResponse(
            responseCode = "200",
            description = "the file",
            content = {
                @Content(mediaType = "text/csv", schema = @Schema(type = "string")),
                @Content(
                        mediaType = "application/vnd.apache.parquet",
                        schema = @Schema(type = "string", format = "binary"))
            })
    void export(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @Parameter(description = "needed when assets of several types are selected")
                    @RequestParam(required = false)
                    @Nullable String type,
            @RequestParam(required = false) @Nullable String metrics,
            @RequestParam(required = false) @Nullable String from,
            @RequestParam(required = false) @Nullable String to,
            @Parameter(description = "csv or parquet") @RequestParam(defaultValue = "csv") String format,
            HttpServletResponse response)
            throws IOException {
        Format as = Format.of(format);
        long now = clock.millis();
        Times times = Times.of(from, to, now - TelemetryResource.DEFAULT_SPAN.toMillis(), now + 60_000);
        Map<String, Set<String>> selected = selected(actor, selector, type);
        String one = one(selected, type);
        Map<String, MetricKind> kinds = store.metrics(one);
        List<String> wanted = TelemetryResource.names(metrics);
        List<String> columns =
                wanted.isEmpty() ? kinds.keySet().stream().sorted().toList() : wanted;
        columns.stream()
                .filter(metric -> !kinds.containsKey(metric))
                .findFirst()
                .ifPresent(unknown -> {
                    throw new Refusal(ErrorCode.INVALID, "no asset of type " + one + " ever measured " + unknown);
                });
        if (!exports.tryAcquire()) {
            throw new Refusal(
                    ErrorCode.RATE_LIMITED, MAX_EXPORTS + " exports run already, no more are allowed; wait for one");
        }
        try {
            write(
                    new SliceQuery(one, columns, times.from(), times.to()),
                    selected.getOrDefault(one, Set.of()),
                    as,
                    columns.stream().map(kinds::get).toList(),
                    response);
        } finally {
            exports.release();
        }
    }

    private Map<String, Set<String>> selected(Actor actor, @Nullable String selector, @Nullable String type) {
        Map<String, Set<String>> byType = new TreeMap<>();
        int[] count = new int[1];
        assets.forEachMember(actor, selector, AssetGrouping.by(null), member -> {
            if (type == null || type.equals(member.type())) {
                byType.computeIfAbsent(member.type(), _ -> new HashSet<>()).add(member.id());
                if (++count[0] > MAX_ASSETS) {
                    throw new Refusal(
                            ErrorCode.TOO_LARGE,
                            "the selector selects more than " + MAX_ASSETS + " assets, which is the most for an export;"
                                    + " narrow it");
                }
            }
        });
        return byType;
    }

    private static String one(Map<String, Set<String>> selected, @Nullable String type) {
        if (type != null) {
            return type;
        }
        if (selected.size() != 1) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    selected.isEmpty()
                            ? "the selector selects no asset"
                            : "assets of the types " + String.join(", ", selected.keySet())
                                    + " are selected, a file holds those of one; say type=");
        }
        return selected.keySet().iterator().next();
    }

    private void write(
            SliceQuery query, Set<String> members, Format format, List<MetricKind> kinds, HttpServletResponse response)
            throws IOException {
        Slice slice = store.slice(query, members, ROWS_AT_ONCE); // the first before the answer begins, for its refusals
        response.setContentType(format.mediaType);
        response.setHeader("Content-Disposition", "attachment; filename=\"telemetry." + format.suffix + "\"");
        OutputStream out = response.getOutputStream();
        ReadingsFile file = format == Format.CSV
                ? new CsvReadings(out, query.metrics())
                : new ParquetReadings(out, query.metrics(), kinds);
        file.rows(slice.readings());
        while (slice.next() < query.to()) {
            slice = next(new SliceQuery(query.type(), query.metrics(), slice.next(), query.to()), members);
            file.rows(slice.readings());
        }
        file.end();
    }

    private Slice next(SliceQuery query, Set<String> members) throws BrokenOffException {
        try {
            return store.slice(query, members, ROWS_AT_ONCE);
        } catch (RuntimeException e) {
            throw new BrokenOffException(e);
        }
    }
}
