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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is written down about an incident afterwards, as far as its timeline tells it; Markdown. */
final class Postmortem {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final StringBuilder text = new StringBuilder();

    private Postmortem() {}

    /** What people write, in the order of the page. */
    enum Section {
        SUMMARY("summary", "Summary"),
        IMPACT("impact", "Impact"),
        CAUSE("cause", "Cause"),
        WENT_WELL("wentWell", "What went well"),
        WENT_BADLY("wentBadly", "What went badly"),
        LESSONS("lessons", "Lessons");

        private final String wire;
        private final String title;

        Section(String wire, String title) {
            this.wire = wire;
            this.title = title;
        }

        String wire() {
            return wire;
        }
    }

    /** @param written by {@link Section#wire}, Markdown; a section that nobody wrote is left out */
    static String of(
            Incident is,
            List<StoredAlert> alerts,
            List<Entry> entries,
            List<Action> actions,
            Map<String, String> written) {
        Postmortem page = new Postmortem();
        page.head(is);
        page.section(Section.SUMMARY, written);
        page.impact(is, alerts, written.getOrDefault(Section.IMPACT.wire, ""));
        page.times(is);
        page.section(Section.CAUSE, written);
        page.causes(is);
        page.section(Section.WENT_WELL, written);
        page.section(Section.WENT_BADLY, written);
        page.section(Section.LESSONS, written);
        page.actions(actions);
        page.timeline(entries);
        return page.text.toString();
    }

    private void section(Section section, Map<String, String> written) {
        String said = written.getOrDefault(section.wire, "").strip();
        if (!said.isEmpty()) {
            line("## " + section.title);
            line("");
            line(said);
            line("");
        }
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

    private void impact(Incident is, List<StoredAlert> alerts, String written) {
        line("## Impact");
        line("");
        if (!written.isBlank()) {
            line(written.strip());
            line("");
        }
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
        line("");
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
