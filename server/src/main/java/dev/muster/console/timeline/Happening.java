package dev.muster.console.timeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened to an asset: at a moment, or over a span.
 *
 * @param until null for a moment, and for what goes on
 * @param reason empty when nobody said why
 */
@Schema(name = "TimelineEntry")
@JsonInclude(JsonInclude.Include.NON_NULL)
record Happening(
        @Schema(example = "commands") String lane,
        Instant at,

        @Schema(description = "end of the span; absent for a moment, and while it goes on") @Nullable Instant until,

        @Schema(description = "it goes on") boolean open,

        @Schema(example = "failed", description = "as the object itself has it, or what happened")
        String state,

        @Schema(example = "reboot") String title,
        String reason,
        @Nullable Thing object) {

    /** Newest first. */
    static final Comparator<Happening> NEWEST_FIRST = Comparator.comparing(Happening::at)
            .reversed()
            .thenComparing(Happening::lane)
            .thenComparing(Happening::title);

    /** @param kind such as command, rollout, alert, incident, certificate, file */
    @Schema(name = "TimelineObject")
    record Thing(String kind, String name) {}

    static Happening moment(Lane lane, Instant at, String state, String title, String reason, @Nullable Thing object) {
        return new Happening(lane.wire(), at, null, false, state, title, reason, object);
    }

    /** @param until null while it goes on */
    static Happening span(
            Lane lane,
            Instant at,
            @Nullable Instant until,
            String state,
            String title,
            String reason,
            @Nullable Thing object) {
        return new Happening(lane.wire(), at, until, until == null, state, title, reason, object);
    }
}
