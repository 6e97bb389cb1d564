package dev.muster.release;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.registry.selector.Selectors;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.metadata.Repository;
import dev.muster.release.metadata.SignedRepository;
import dev.muster.release.supply.Supply;
import dev.muster.release.supply.SupplyStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes signed metadata, and makes releases of what is new in it: all of it or nothing. */
@Component
class Publishing {
    private final SignedRepository repository;
    private final ReleaseStore releases;
    private final ArtifactStore artifacts;
    private final SupplyStore supplies;
    private final Supply.Rules rules;
    private final Selectors selectors;
    private final AuditLog audit;
    private final EventLog events;
    private final Clock clock;
    private final TransactionTemplate transaction;

    Publishing(
            SignedRepository repository,
            ReleaseStore releases,
            ArtifactStore artifacts,
            SupplyStore supplies,
            Supply.Rules rules,
            Selectors selectors,
            AuditLog audit,
            EventLog events,
            Clock clock,
            PlatformTransactionManager transactions) {
        this.repository = repository;
        this.releases = releases;
        this.artifacts = artifacts;
        this.supplies = supplies;
        this.rules = rules;
        this.selectors = selectors;
        this.audit = audit;
        this.events = events;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param roles whose metadata is new; empty when all of it was there already */
    record Published(List<String> roles, List<ReleaseName> releases) {}

    /** @param documents signed metadata by role, as bytes: {@code root}, {@code targets}, {@code releases-app} */
    Published publish(Actor actor, Map<String, byte[]> documents) {
        for (String role : documents.keySet()) {
            boolean isTop = role.equals(Repository.ROOT) || role.equals(Repository.TARGETS);
            if (!isTop && !role.startsWith(Repository.RELEASES)) {
                throw new Refusal(
                        ErrorCode.INVALID,
                        "there is no role \"" + role.replaceAll("[^\\x20-\\x7e]", "?")
                                + "\" to sign for; allowed are root, targets and releases-<component>");
            }
            if (isTop) {
                Permissions.require(actor, Verb.ADMIN, Kind.RELEASE);
            }
        }
        return artifacts.whileKept(() -> Objects.requireNonNull(transaction.execute(status -> take(actor, documents))));
    }

    private Published take(Actor actor, Map<String, byte[]> documents) {
        SignedRepository.Change change = repository.accept(actor, documents);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Map<ReleaseName, List<TargetFile>> added = added(change);
        requireArtifacts(added);
        Map<ReleaseName, Supply> supplied = requireSupplies(added);
        added.forEach((name, files) -> {
            Map<String, String> components = files.stream()
                    .filter(file -> file.custom().kind() == TargetFile.Kind.SET)
                    .findFirst()
                    .map(file -> file.custom().components())
                    .orElse(Map.of());
            long number = releases.add(name, components, files, now, actor.id());
            supplies.add(number, Objects.requireNonNull(supplied.get(name)));
        });
        requireComponents(added);
        record(actor, change, added);
        return new Published(change.news().keySet().stream().sorted().toList(), List.copyOf(added.keySet()));
    }

    private Map<ReleaseName, List<TargetFile>> added(SignedRepository.Change change) {
        Map<ReleaseName, List<TargetFile>> added = new TreeMap<>(java.util.Comparator.comparing(ReleaseName::toString));
        List<FieldProblem> problems = new ArrayList<>();
        for (String role : change.news().keySet()) {
            if (role.startsWith(Repository.RELEASES)) {
                ReleaseDifference difference = ReleaseDifference.between(
                        role.substring(Repository.RELEASES.length()),
                        change.before().targets(role),
                        change.after().targets(role).orElseThrow(),
                        name -> releases.find(name).map(Release::isPruned).orElse(false),
                        selectors::problem);
                difference.problems().forEach(problem -> problems.add(new FieldProblem(role, problem)));
                added.putAll(difference.added());
            }
        }
        if (!problems.isEmpty()) {
            throw new Refusal(ErrorCode.REFUSED, "the metadata is signed, and cannot be published", problems);
        }
        return added;
    }

    private void requireArtifacts(Map<ReleaseName, List<TargetFile>> added) {
        List<FieldProblem> problems = new ArrayList<>();
        added.values().stream().flatMap(List::stream).forEach(file -> {
            ArtifactStore.Progress there = artifacts.progress(file.sha256());
            if (!there.isWhole()) {
                problems.add(new FieldProblem(
                        file.path(),
                        there.size() == 0
                                ? "artifact " + file.sha256() + " is not uploaded"
                                : "of artifact " + file.sha256() + " only " + there.size() + " of " + file.length()
                                        + " bytes are uploaded"));
            } else if (there.size() != file.length()) {
                problems.add(new FieldProblem(
                        file.path(),
                        "artifact " + file.sha256() + " has " + there.size() + " bytes, the metadata says "
                                + file.length()));
            }
        });
        if (!problems.isEmpty()) {
            throw new Refusal(ErrorCode.REFUSED, "artifacts are missing; upload them, then publish again", problems);
        }
    }

    /** What a release says of its parts and of its build is of this release, and signed where keys are configured. */
    private Map<ReleaseName, Supply> requireSupplies(Map<ReleaseName, List<TargetFile>> added) {
        Map<ReleaseName, Supply> supplied = new HashMap<>();
        List<FieldProblem> problems = new ArrayList<>();
        added.forEach((name, files) -> {
            List<String> found = new ArrayList<>();
            supplied.put(name, Supply.of(files, rules, this::content, found));
            found.forEach(problem -> problems.add(new FieldProblem(name.toString(), problem)));
        });
        if (!problems.isEmpty()) {
            throw new Refusal(ErrorCode.REFUSED, "an SBOM or provenance is not right", problems);
        }
        return supplied;
    }

    private byte[] content(String sha256, int maxBytes) {
        Path file =
                artifacts.find(sha256).orElseThrow(() -> new IllegalStateException("artifact " + sha256 + " is gone"));
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(maxBytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read artifact " + sha256, e);
        }
    }

    private void requireComponents(Map<ReleaseName, List<TargetFile>> added) {
        List<FieldProblem> problems = new ArrayList<>();
        added.forEach((set, files) ->
                files.forEach(file -> new TreeMap<>(file.custom().components())
                        .forEach((component, version) -> releases.find(new ReleaseName(component, version))
                                .ifPresentOrElse(
                                        part -> {
                                            if (part.isSet()
                                                    || part.isPruned()
                                                    || part.state() instanceof Release.State.Quarantined) {
                                                problems.add(new FieldProblem(
                                                        set.toString(),
                                                        part.name() + " is "
                                                                + (part.isSet()
                                                                        ? "a set"
                                                                        : part.isPruned() ? "pruned" : "quarantined")
                                                                + " and cannot be a component"));
                                            }
                                        },
                                        () -> problems.add(new FieldProblem(
                                                set.toString(),
                                                component + "@" + version
                                                        + " is not published; publish it before or with the set"))))));
        if (!problems.isEmpty()) {
            throw new Refusal(ErrorCode.REFUSED, "the set cannot be published", problems);
        }
    }

    private void record(Actor actor, SignedRepository.Change change, Map<ReleaseName, List<TargetFile>> added) {
        new TreeMap<>(change.news()).forEach((role, document) -> {
            Map<String, Object> after =
                    Map.of("role", role, "version", version(change.after(), role), "sha256", Sha256.of(document));
            Object before = change.before().document(role).isEmpty()
                    ? null
                    : Map.of("role", role, "version", version(change.before(), role));
            audit.record(actor, "release-metadata.publish", "release-metadata", role, before, after);
            events.append("release.metadata", "release-metadata/" + role, after);
        });
        added.forEach((name, files) -> {
            Map<String, Object> after = Map.of(
                    "name", name.toString(),
                    "files",
                            files.stream()
                                    .map(file -> file.path() + " " + file.sha256())
                                    .toList());
            audit.record(actor, "release.publish", "release", name.toString(), null, after);
            events.append("release.published", "release/" + name, Map.of("name", name.toString()));
        });
    }

    private static long version(Repository repository, String role) {
        return role.equals(Repository.ROOT)
                ? repository.root().orElseThrow().version()
                : repository.targets(role).orElseThrow().version();
    }
}
