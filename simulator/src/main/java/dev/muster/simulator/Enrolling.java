package dev.muster.simulator;

import dev.muster.simulator.TypeMix.Member;
import dev.muster.simulator.client.Backoff;
import dev.muster.simulator.enrol.AssetIdentity;
import dev.muster.simulator.enrol.ClaimToken;
import dev.muster.simulator.enrol.EnrolmentException;
import dev.muster.simulator.enrol.EstClient;
import dev.muster.simulator.enrol.IdentityStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** The enrolment of a whole fleet: those with a kept certificate are taken as they are, the others enrol, a few at a time. */
final class Enrolling {
    private static final int ATTEMPTS = 6;

    private final FleetOptions options;
    private final Endpoints endpoints;
    private final FleetStatistics statistics;
    private final Consumer<String> failures;

    Enrolling(FleetOptions options, Endpoints endpoints, FleetStatistics statistics, Consumer<String> failures) {
        this.options = options;
        this.endpoints = endpoints;
        this.statistics = statistics;
        this.failures = failures;
    }

    void run(List<Member> members, TokenSource tokens, Map<Integer, AssetIdentity> identities)
            throws IOException, EnrolmentException, InterruptedException {
        Optional<IdentityStore> store =
                options.stateDir() == null ? Optional.empty() : Optional.of(new IdentityStore(options.stateDir()));
        Map<String, List<Member>> without = new LinkedHashMap<>();
        List<AssetIdentity> due = new ArrayList<>();
        Instant now = Instant.now();
        for (Member member : members) {
            if (store.isPresent() && store.get().isWiped(member.id())) {
                statistics.absent.increment();
                continue;
            }
            Optional<AssetIdentity> kept =
                    store.isEmpty() ? Optional.empty() : store.get().find(member.id());
            if (kept.isEmpty() || kept.get().expiredAt(now)) {
                without.computeIfAbsent(member.type(), type -> new ArrayList<>())
                        .add(member);
            } else {
                identities.put(member.index(), kept.get());
                statistics.enrolled.increment();
                if (kept.get().dueForRenewalAt(now)) {
                    due.add(kept.get());
                }
            }
        }
        for (Map.Entry<String, List<Member>> group : without.entrySet()) {
            ClaimToken token = tokens.tokenFor(group.getKey(), group.getValue().size());
            enrolAll(group.getValue(), token, store, identities);
        }
        renewAll(members, due, store, identities);
    }

    private void enrolAll(
            List<Member> members,
            ClaimToken token,
            Optional<IdentityStore> store,
            Map<Integer, AssetIdentity> identities)
            throws EnrolmentException, IOException, InterruptedException {
        int first = members.getFirst().index();
        try (EstClient est = patiently(first, () -> EstClient.pinned(endpoints.device(), token));
                ExecutorService workers = Executors.newFixedThreadPool(
                        Math.min(options.maxEnrolling(), members.size()),
                        Thread.ofVirtual().name("enrol-", 0).factory())) {
            for (Member member : members) {
                workers.execute(() -> attempt("asset " + member.id() + " could not enrol", member.index(), () -> {
                    AssetIdentity identity = est.enrol(member.id(), token);
                    if (store.isPresent()) {
                        store.get().save(identity);
                    }
                    identities.put(member.index(), identity);
                    statistics.enrolled.increment();
                }));
            }
        }
    }

    private void renewAll(
            List<Member> members,
            List<AssetIdentity> due,
            Optional<IdentityStore> store,
            Map<Integer, AssetIdentity> identities) {
        if (due.isEmpty()) {
            return;
        }
        Map<String, Integer> indexes = new LinkedHashMap<>();
        members.forEach(member -> indexes.put(member.id().value(), member.index()));
        try (EstClient est =
                        EstClient.trusting(endpoints.device(), due.getFirst().cas());
                ExecutorService workers = Executors.newFixedThreadPool(
                        Math.min(options.maxEnrolling(), due.size()),
                        Thread.ofVirtual().name("renew-", 0).factory())) {
            for (AssetIdentity current : due) {
                int index = indexes.getOrDefault(current.id().value(), 0);
                workers.execute(() -> attempt("asset " + current.id() + " could not renew", index, () -> {
                    AssetIdentity renewed = est.renew(current);
                    if (store.isPresent()) {
                        store.get().save(renewed);
                    }
                    identities.put(index, renewed);
                }));
            }
        }
    }

    private interface Step<T> {
        T run() throws EnrolmentException, IOException, InterruptedException;
    }

    private interface Deed {
        void run() throws EnrolmentException, IOException, InterruptedException;
    }

    private void attempt(String what, int index, Deed deed) {
        try {
            patiently(index, () -> {
                deed.run();
                return index;
            });
        } catch (EnrolmentException | IOException e) {
            statistics.enrolFailed.increment();
            failures.accept(what + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Again, later and later, a few times, where that may help. */
    private <T> T patiently(int index, Step<T> step) throws EnrolmentException, IOException, InterruptedException {
        Backoff backoff = new Backoff(
                Duration.ofMillis(500), Duration.ofSeconds(10), new SplittableRandom(options.seed() + index));
        while (true) {
            try {
                return step.run();
            } catch (EnrolmentException e) {
                if (!e.retryable() || backoff.failures() >= ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(backoff.next());
            }
        }
    }
}
