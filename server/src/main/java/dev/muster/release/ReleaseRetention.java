package dev.muster.release;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.release.artifact.ArtifactStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Removes the artifacts of releases that nothing needs, when somebody asks for it; by itself it removes nothing that was
 * published.
 *
 * <p>A release stays while it is among the newest of its component, is young, is part of a set that stays, or a
 * {@link ReleaseHold} names it. Its entry and its signed metadata stay for ever.
 */
@Component
public class ReleaseRetention {
    private static final int PAGE = 500;

    private final ReleaseStore releases;
    private final ArtifactStore artifacts;
    private final ObjectProvider<ReleaseHold> holds;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    ReleaseRetention(
            ReleaseStore releases,
            ArtifactStore artifacts,
            ObjectProvider<ReleaseHold> holds,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.releases = releases;
        this.artifacts = artifacts;
        this.holds = holds;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /**
     * What went, or would go, and why the others stay.
     *
     * @param kept by release: one reason
     */
    public record Outcome(List<ReleaseName> pruned, Map<ReleaseName, String> kept, long freedBytes) {}

    /**
     * @param keepVersions the newest publications of each component that stay
     * @param olderThan younger ones stay
     * @param dryRun tells and removes nothing
     */
    public Outcome prune(Actor actor, int keepVersions, Duration olderThan, boolean dryRun) {
        if (keepVersions < 1 || olderThan.isNegative()) {
            throw new Refusal(
                    ErrorCode.INVALID, "at least the newest version of each component stays, and no age is negative");
        }
        if (holds.stream().findAny().isEmpty()) {
            throw new Refusal(
                    ErrorCode.REFUSED,
                    "nothing is removed: no part of this server can tell which releases assets run or may go back to");
        }
        List<Release> all = all();
        Map<ReleaseName, String> kept = new LinkedHashMap<>();
        List<Release> candidates = candidates(all, keepVersions, clock.instant().minus(olderThan), kept);
        keepHeld(candidates, kept);
        keepPartsOfSets(all, kept);
        List<Release> going = candidates.stream()
                .filter(release -> !kept.containsKey(release.name()))
                .toList();
        long freed = dryRun ? 0 : remove(actor, going);
        return new Outcome(going.stream().map(Release::name).toList(), kept, freed);
    }

    private List<Release> all() {
        List<Release> all = new ArrayList<>();
        List<Release> page;
        Long before = null;
        do {
            page = releases.page(before, "", "", PAGE);
            page.stream().filter(release -> !release.isPruned()).forEach(all::add);
            before = page.isEmpty() ? null : page.getLast().number();
        } while (page.size() == PAGE);
        return all;
    }

    /** Newest first, as they come. Only what may be given to assets counts as newer: quarantined ones replace nothing. */
    private static List<Release> candidates(
            List<Release> all, int keepVersions, Instant publishedBefore, Map<ReleaseName, String> kept) {
        Map<String, Integer> newer = new HashMap<>();
        List<Release> candidates = new ArrayList<>();
        for (Release release : all) {
            int count = newer.getOrDefault(release.name().component(), 0);
            if (count < keepVersions) {
                kept.put(
                        release.name(),
                        "one of the newest " + keepVersions + " of "
                                + release.name().component());
            } else if (!release.publishedAt().isBefore(publishedBefore)) {
                kept.put(release.name(), "published at " + release.publishedAt());
            } else {
                candidates.add(release);
            }
            if (release.state() instanceof Release.State.Published) {
                newer.merge(release.name().component(), 1, Integer::sum);
            }
        }
        return candidates;
    }

    private void keepHeld(List<Release> candidates, Map<ReleaseName, String> kept) {
        List<ReleaseName> names = candidates.stream().map(Release::name).toList();
        holds.orderedStream().forEach(hold -> kept.putAll(hold.held(names)));
    }

    private static void keepPartsOfSets(List<Release> all, Map<ReleaseName, String> kept) {
        for (Release set : all) {
            if (kept.containsKey(set.name())) {
                set.components()
                        .forEach((component, version) -> kept.putIfAbsent(
                                new ReleaseName(component, version), "part of " + set.name() + ", which stays"));
            }
        }
    }

    private long remove(Actor actor, List<Release> going) {
        if (going.isEmpty()) {
            return 0;
        }
        Set<String> hashes = going.stream()
                .flatMap(release -> release.files().stream())
                .map(TargetFile::sha256)
                .collect(Collectors.toCollection(HashSet::new));
        return artifacts.remove(hashes, asked -> {
            transaction.executeWithoutResult(status -> markPruned(actor, going));
            return releases.referenced(asked);
        });
    }

    /** Before the files go: a crash in between leaves files that nothing names, not names without files. */
    private void markPruned(Actor actor, List<Release> going) {
        releases.lock(going.stream().map(Release::number).toList());
        Map<ReleaseName, String> held = new LinkedHashMap<>();
        keepHeld(going, held); // again: an asset may have been given one of them before they were locked
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        for (Release release : going) {
            if (held.containsKey(release.name())) {
                continue;
            }
            releases.setPruned(release.name(), now);
            audit.record(
                    actor,
                    "release.prune",
                    "release",
                    release.name().toString(),
                    Map.of(
                            "files",
                            release.files().stream().map(TargetFile::path).toList()),
                    null);
            events.append(
                    "release.pruned",
                    "release/" + release.name(),
                    Map.of("name", release.name().toString()));
        }
    }
}
