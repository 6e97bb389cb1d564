package dev.muster.release;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Lists releases, and decides whether they may be given to assets. */
@Component
public class Releases {
    public static final int MAX_REASON = 1_000;

    private final ReleaseStore store;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    Releases(
            ReleaseStore store, AuditLog audit, EventLog events, Clock clock, PlatformTransactionManager transactions) {
        this.store = store;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** The newest publication first. @param component empty for all, as is {@code status} */
    Page<Release> list(PageRequest page, String component, String status) {
        String after = page.after();
        try {
            return Page.of(
                    store.page(after == null ? null : Long.valueOf(after), component, status, page.fetch()),
                    page,
                    release -> Long.toString(release.number()));
        } catch (NumberFormatException e) {
            throw new Refusal(ErrorCode.INVALID, "continue is not a token that this server gave out for releases");
        }
    }

    Release get(String name) {
        return ReleaseName.parse(name)
                .flatMap(store::find)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.NOT_FOUND,
                        "there is no release " + shown(name)
                                + "; names are component@version, GET /api/v1/releases lists them"));
    }

    /** Given to no asset from now on; again with another reason changes the reason. */
    public Release quarantine(Actor actor, String name, String reason) {
        requireReason(reason);
        return change(actor, name, "quarantined", reason);
    }

    /** May be given to assets again. */
    Release release(Actor actor, String name, String reason) {
        requireReason(reason);
        return change(actor, name, "published", reason);
    }

    private Release change(Actor actor, String name, String status, String reason) {
        return Objects.requireNonNull(transaction.execute(transactionStatus -> {
            Release before = get(name);
            Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
            if (before.state().wire().equals(status) && status.equals("published")) {
                return before;
            }
            store.setStatus(before.name(), status, now, actor.id(), reason);
            Release after = get(name);
            String verb = status.equals("published") ? "release" : "quarantine";
            audit.record(
                    actor,
                    "release." + verb,
                    "release",
                    before.name().toString(),
                    Map.of("status", before.state().wire()),
                    Map.of("status", status, "reason", reason));
            events.append(
                    "release." + verb + "d",
                    "release/" + before.name(),
                    Map.of("name", before.name().toString(), "reason", reason));
            return after;
        }));
    }

    private static void requireReason(String reason) {
        if (reason.isBlank() || reason.length() > MAX_REASON || reason.chars().anyMatch(Character::isISOControl)) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a reason of 1 to " + MAX_REASON
                            + " characters on one line is needed: it is shown to everybody who asks why");
        }
    }

    private static String shown(String name) {
        String printable = name.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 100 ? printable : printable.substring(0, 100) + "…";
    }
}
