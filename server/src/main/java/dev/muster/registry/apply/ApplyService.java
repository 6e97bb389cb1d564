package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Permissions;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.apply.Applied.Result;
import dev.muster.registry.apply.AppliedKind.Live;
import dev.muster.registry.apply.FieldOwnership.Merged;
import dev.muster.registry.document.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/**
 * Applies documents: all of them, or when anything is wrong with any of them none, and then everything that is wrong is said.
 *
 * <p>Kinds are applied in their {@linkplain AppliedKind#order order}, whatever the order in the file, so that a file may hold a
 * type and its assets.
 * A dry run does the same work and rolls it back.
 */
@Component
public class ApplyService {
    static final String DEFAULT_MANAGER = "apply";
    private static final Pattern MANAGER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@/-]{0,63}");

    private final Map<String, AppliedKind> kinds;
    private final List<ForeignDocument> foreign;
    private final TransactionTemplate transaction;

    ApplyService(List<AppliedKind> kinds, List<ForeignDocument> foreign, PlatformTransactionManager transactions) {
        this.kinds = kinds.stream()
                .sorted(Comparator.comparingInt(AppliedKind::order))
                .collect(Collectors.toMap(
                        AppliedKind::wire,
                        kind -> kind,
                        (one, other) -> {
                            throw new IllegalStateException("two beans apply the kind " + one.wire());
                        },
                        LinkedHashMap::new));
        this.foreign = List.copyOf(foreign);
        this.transaction = new TransactionTemplate(transactions);
    }

    public Applied apply(Actor actor, List<JsonNode> documents, String manager, boolean force, boolean dryRun) {
        if (!MANAGER.matcher(manager).matches()) {
            throw new Refusal(ErrorCode.INVALID, "fieldManager must match " + MANAGER);
        }
        Run run = new Run(actor, manager, force);
        List<Declaration> declarations = run.read(translated(documents));
        return Objects.requireNonNull(transaction.execute(status -> run.all(declarations, dryRun, status)));
    }

    private List<JsonNode> translated(List<JsonNode> documents) {
        List<JsonNode> translated = new ArrayList<>();
        for (JsonNode document : documents) {
            foreign.stream()
                    .filter(each -> each.reads(document))
                    .findFirst()
                    .ifPresentOrElse(
                            each -> translated.addAll(each.translated(document)), () -> translated.add(document));
        }
        return translated;
    }

    /** One apply under way. */
    private final class Run {
        private final Actor actor;
        private final String manager;
        private final boolean force;
        private final List<FieldProblem> problems = new ArrayList<>();
        private ErrorCode worst = ErrorCode.CONFLICT;

        Run(Actor actor, String manager, boolean force) {
            this.actor = actor;
            this.manager = manager;
            this.force = force;
        }

        List<Declaration> read(List<JsonNode> documents) {
            List<Declaration> declarations = new ArrayList<>();
            Map<String, Integer> seen = new LinkedHashMap<>();
            for (int i = 0; i < documents.size(); i++) {
                List<Problem> found = new ArrayList<>();
                Declaration declaration = Declaration.read(i, documents.get(i), kinds, found);
                if (declaration != null) {
                    String key = declaration.kind().wire() + " " + declaration.name();
                    Integer first = seen.putIfAbsent(key, i);
                    if (first != null) {
                        found.add(new Problem("metadata.name", key + " is declared by document " + first + " already"));
                    }
                    declarations.add(declaration);
                }
                problems(i, ErrorCode.INVALID, found);
            }
            return declarations;
        }

        Applied all(List<Declaration> declarations, boolean dryRun, TransactionStatus status) {
            List<Result> results = new ArrayList<>();
            for (Declaration declaration : declarations.stream()
                    .sorted(Comparator.comparingInt(
                            declaration -> declaration.kind().order()))
                    .toList()) {
                try {
                    Permissions.require(actor, Verb.WRITE, declaration.kind().permission());
                    results.add(new Result(
                            declaration.index(), declaration.kind().wire(), declaration.name(), one(declaration)));
                } catch (Refusal refusal) {
                    refused(declaration.index(), refusal);
                }
            }
            if (!problems.isEmpty()) {
                status.setRollbackOnly();
                throw new Refusal(
                        worst,
                        "nothing was applied: "
                                + (problems.size() == 1
                                        ? "a problem in "
                                        : problems.size() + " problems, the first in ")
                                + problems.getFirst().field() + ": "
                                + problems.getFirst().message(),
                        problems);
            }
            if (dryRun) {
                status.setRollbackOnly();
            }
            return new Applied(
                    dryRun,
                    results.stream().sorted(Comparator.comparing(Result::index)).toList());
        }

        private String one(Declaration declaration) {
            AppliedKind kind = declaration.kind();
            Optional<Live> live = kind.live(actor, declaration.name());
            Map<String, JsonNode> fields =
                    live.map(found -> FieldOwnership.flatten(found.document())).orElse(Map.of());
            Map<String, String> managers = live.map(Live::managers).orElse(Map.of());
            Merged merged = merge(declaration, fields, managers);
            boolean same = live.isPresent() && merged.isSame(fields);
            if (same && merged.managers().equals(managers)) {
                return "unchanged";
            }
            boolean changed =
                    kind.save(actor, declaration.name(), merged.document(), live.orElse(null), merged.managers());
            return live.isEmpty() ? "created" : same || !changed ? "unchanged" : "updated";
        }

        private Merged merge(Declaration declaration, Map<String, JsonNode> live, Map<String, String> managers) {
            Merged merged = FieldOwnership.merge(
                    live, managers, declaration.fields(), manager, force, declaration.kind()::holdsNull);
            if (!merged.conflicts().isEmpty()) {
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "fields of others",
                        merged.conflicts().stream()
                                .map(conflict -> new FieldProblem(
                                        conflict.pointer().substring(1).replace('/', '.'),
                                        "belongs to field manager \"" + conflict.owner()
                                                + "\", which set another value; agree with it, leave the field out, or"
                                                + " take it over with force"))
                                .toList());
            }
            return merged;
        }

        private void refused(int index, Refusal refusal) {
            if (refusal.errors().isEmpty()) {
                problems(index, refusal.code(), List.of(new Problem("", refusal.detail())));
            } else {
                problems(
                        index,
                        refusal.code(),
                        refusal.errors().stream()
                                .map(error -> new Problem(error.field(), error.message()))
                                .toList());
            }
        }

        /** An invalid document outweighs a forbidden one, that outweighs a conflict: the answer has one code. */
        private void problems(int index, ErrorCode code, List<Problem> found) {
            if (found.isEmpty()) {
                return;
            }
            if (problems.isEmpty() || weight(code) > weight(worst)) {
                worst = code;
            }
            found.forEach(problem -> problems.add(new FieldProblem(
                    "documents[" + index + "]" + (problem.path().isEmpty() ? "" : "." + problem.path()),
                    problem.message())));
        }
    }

    private static int weight(ErrorCode code) {
        return switch (code) {
            case INVALID -> 2;
            case CONFLICT -> 0;
            default -> 1;
        };
    }
}
