package dev.muster.alert.incident;

import dev.muster.alert.incident.Incident.Times;
import dev.muster.alert.incident.IncidentStore.Action;
import dev.muster.alert.incident.IncidentStore.StoredAlert;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is written down about an incident afterwards, as far as its timeline tells it; Markdown. */
final class Postmortem {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final StringBuilder text = new StringBuilder();

    private Postmortem() {}

    static String of(Incident is, List<StoredAlert> alerts, List<Entry> entries, List<Action> actions) {
        Postmortem page = new Postmortem();
        page.head(is);
        page.impact(is, alerts);
        page.times(is);
        page.causes(is);
        page.timeline(entries);
        page.actions(actions);
        return page.text.toString();
    }

    private void head(Incident is) {
        line("# Postmortem of " + is.name() + ": " + plain(is.title()));
        line("");
        line("| | |");
        line("|---|---|");
        row("Severity", is.severity().wire());
        row("State", is.state().wire() + (is.isOpen() ? " (this page is not complete)" : ""));
        row("Owner", is.owner().isEmpty() ? "nobody" : is.owner());
        row("Opened by", is.openedBy());
        row("Resolved by", is.resolvedBy() == null ? "–" : is.resolvedBy());
        row("A person had to act", is.byPerson() ? "yes" : "no");
        line("");
    }

    private void impact(Incident is, List<StoredAlert> alerts) {
        line("## Impact");
        line("");
        line((is.about().isEmpty() ? "No single assets are named." : "Assets it is about: " + is.assets() + ".")
                + " Alerts: " + alerts.size() + "."
                + (is.reopened() == 0 ? "" : " Reopened: " + is.reopened() + " times."));
        alerts.stream()
                .limit(20)
                .forEach(alert -> line(
                        "- " + alert.fact().name() + ": " + plain(alert.fact().summary())));
        if (alerts.size() > 20) {
            line("- and " + (alerts.size() - 20) + " more");
        }
        line("");
    }

    private void times(Incident is) {
        Times times = is.times();
        line("## Times");
        line("");
        line("| from the first sign to | took | at (UTC) |");
        line("|---|---|---|");
        time("detected", times, times.detected());
        time("somebody notified", times, times.notified());
        time("acknowledged", times, times.acknowledged());
        time("mitigated", times, times.mitigated());
        time("closed (MTTR)", times, times.resolved());
        line("");
    }

    private void time(String what, Times times, @Nullable Instant at) {
        line("| " + what + " | "
                + (at == null
                        ? "– | –"
                        : IncidentEngine.seconds(Duration.between(times.evidence(), at)) + " | " + CLOCK.format(at))
                + " |");
    }

    private void causes(Incident is) {
        line("## Probable causes");
        line("");
        if (is.causes().isEmpty()) {
            line("None was found: the alerts name nothing that they share, and nothing was changed in the "
                    + ProbableCauses.WINDOW.toHours() + " hours before the first sign.");
        }
        for (Cause cause : is.causes()) {
            line("1. **" + cause.kind() + " " + plain(cause.value()) + "** (" + cause.score() + "): "
                    + plain(cause.reason()));
        }
        line("");
    }

    private void timeline(List<Entry> entries) {
        line("## Timeline (UTC)");
        line("");
        line("| at | what | who | |");
        line("|---|---|---|---|");
        entries.stream()
                .sorted(Comparator.comparing((Entry entry) -> entry.at().truncatedTo(ChronoUnit.MILLIS)))
                .forEach(entry -> line("| " + CLOCK.format(entry.at()) + " | "
                        + entry.kind().wire() + " | " + plain(entry.actor()) + " | " + plain(entry.text()) + " |"));
        line("");
    }

    private void actions(List<Action> actions) {
        line("## Actions");
        line("");
        if (actions.isEmpty()) {
            line("None yet. Add what keeps it from coming back, with an owner and a date.");
        } else {
            line("| | what | owner | due | done |");
            line("|---|---|---|---|---|");
            actions.forEach(action -> line("| " + action.id() + " | " + plain(action.text()) + " | "
                    + plain(action.owner()) + " | " + action.due() + " | "
                    + (action.doneAt() == null ? "no" : CLOCK.format(action.doneAt())) + " |"));
        }
    }

    private void row(String name, String value) {
        line("| " + name + " | " + plain(value) + " |");
    }

    /** One line, and no table of its own. */
    private static String plain(String value) {
        return value.replaceAll("[\\r\\n]+", " ").replace("|", "\\|");
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
