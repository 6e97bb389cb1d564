package dev.muster.alert.incident;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.alert.incident.Incident.Times;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** An incident as the API shows it. */
@Schema(name = "Incident")
@JsonInclude(JsonInclude.Include.NON_NULL)
record IncidentView(
        @Schema(example = "INC-12") String name,
        long number,
        String title,

        @Schema(allowableValues = {"critical", "major", "minor"})
        String severity,

        @Schema(allowableValues = {"open", "acknowledged", "mitigated", "resolved"})
        String state,

        @Schema(description = "name of the alert that opened it, or manual", name = "class")
        @com.fasterxml.jackson.annotation.JsonProperty("class")
        String type,

        @Schema(description = "empty when nobody") String owner,
        String openedBy,

        @Schema(description = "the first sign that something was wrong")
        Instant evidenceAt,

        Instant detectedAt,
        @Nullable Instant notifiedAt,
        @Nullable Instant acknowledgedAt,
        @Nullable String acknowledgedBy,
        @Nullable Instant mitigatedAt,

        @Schema(description = "who says that it is mended, perhaps while alerts still fire") @Nullable String fixedBy,

        @Nullable Instant resolvedAt,
        @Nullable String resolvedBy,

        @Schema(description = "from the first sign to the close") @Nullable Long secondsToClose,

        @Schema(description = "whether a person had a hand in it")
        boolean byPerson,

        int reopened,

        @Schema(description = "selectors of the assets that it is about")
        List<String> about,

        @Schema(description = "how many assets those selected when it was last looked at")
        int assets,

        @Schema(description = "what probably lies behind it, the most probable first")
        List<Cause> causes,

        @Schema(description = "only of a single incident") @Nullable List<AlertView> alerts,

        @Schema(description = "only of a single incident: the first 500 lines") @Nullable List<EntryView> timeline,

        @Schema(description = "only of a single incident") @Nullable List<ActionView> actions) {

    static final int SHOWN = 500;

    @Schema(name = "IncidentAlert")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AlertView(
            String fingerprint,
            SortedMap<String, String> labels,
            String summary,
            Instant startsAt,
            Instant firedAt,
            @Nullable Instant resolvedAt) {
        static AlertView of(IncidentStore.StoredAlert alert) {
            return new AlertView(
                    alert.fact().fingerprint(),
                    alert.fact().labels(),
                    alert.fact().summary(),
                    alert.fact().startsAt(),
                    alert.firedAt(),
                    alert.resolvedAt());
        }
    }

    @Schema(name = "IncidentEntry")
    record EntryView(Instant at, String kind, String actor, String text) {
        static EntryView of(Entry entry) {
            return new EntryView(entry.at(), entry.kind().wire(), entry.actor(), entry.text());
        }
    }

    @Schema(name = "IncidentAction")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ActionView(
            int id,
            String text,
            String owner,
            @Schema(example = "2026-12-24") String due,
            @Nullable Instant doneAt,
            @Nullable String doneBy) {
        static ActionView of(IncidentStore.Action action) {
            return new ActionView(
                    action.id(),
                    action.text(),
                    action.owner(),
                    action.due().toString(),
                    action.doneAt(),
                    action.doneBy());
        }
    }

    static IncidentView of(Incident is) {
        return of(is, null, null, null);
    }

    static IncidentView of(
            Incident is,
            @Nullable List<AlertView> alerts,
            @Nullable List<EntryView> timeline,
            @Nullable List<ActionView> actions) {
        Times times = is.times();
        Instant resolved = times.resolved();
        return new IncidentView(
                is.name(),
                is.number(),
                is.title(),
                is.severity().wire(),
                is.state().wire(),
                is.type(),
                is.owner(),
                is.openedBy(),
                times.evidence(),
                times.detected(),
                times.notified(),
                times.acknowledged(),
                is.acknowledgedBy(),
                times.mitigated(),
                is.fixedBy(),
                resolved,
                is.resolvedBy(),
                resolved == null
                        ? null
                        : Duration.between(times.evidence(), resolved).toSeconds(),
                is.byPerson(),
                is.reopened(),
                is.about(),
                is.assets(),
                is.causes(),
                alerts,
                timeline,
                actions);
    }
}
