package dev.muster.e2e;

import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.journal.JournalFailure;
import dev.muster.gateway.journal.JournalHealth;
import dev.muster.gateway.journal.JournalReader;
import dev.muster.main.Main;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Metrics;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Uplink;
import dev.muster.telemetry.store.Row;
import dev.muster.telemetry.store.StoreUnavailableException;
import dev.muster.telemetry.store.TelemetryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The server as it is shipped, with a fault between its parts: for runs that show that the crash harness catches it. Nothing of it is in
 * the server itself.
 */
final class FaultyServer {
    /** How it is told to the server's process. */
    private static final String PROPERTY = "muster.e2e.faults";

    private static final int ONE_IN = 200;
    private static final long WRITTEN_LATER_MILLIS = 500;

    /** What a server may do wrong. */
    enum Fault {
        /** Tells an asset that its message is on disk, and writes half a second later. */
        ACKNOWLEDGE_BEFORE_WRITE,
        /** Tells an asset that its message is on disk, though the disk had no room for it. */
        ACKNOWLEDGE_WITHOUT_ROOM,
        /** After a restart consumers go on at the journal's end, not where they were. */
        SKIP_AFTER_RESTART,
        /** Remembers an entry as stored when it was read. */
        COMMIT_BEFORE_STORED,
        /** Goes on when the store could not take a batch. */
        PASS_OVER_REFUSED,
        /** One row in 200 is neither stored nor set aside. */
        DROP_ONE_ROW,
        /** Rows that come late are not stored. */
        DROP_LATE_ROWS,
        /** A reading is stored again under another key. */
        STORE_TWICE,
        /** One reading in 200 is stored with another value. */
        ALTER_VALUE;

        String option() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Set<Fault> of(String options) {
            return Stream.of(options.split(",", -1))
                    .filter(option -> !option.isEmpty())
                    .map(option -> valueOf(option.toUpperCase(Locale.ROOT).replace('-', '_')))
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    private FaultyServer() {}

    /** The command line of a server with these faults, given its flags. */
    static Function<String[], List<String>> with(String faults) {
        return flags -> {
            List<String> command = new ArrayList<>(Programs.asServer(FaultyServer.class, flags));
            command.add(1, "-D" + PROPERTY + "=" + faults);
            return command;
        };
    }

    public static void main(String[] flags) {
        Main.main(flags);
    }

    /** Found by Spring Boot in {@code spring.factories} of these tests. */
    static final class Planter implements ApplicationContextInitializer<ConfigurableApplicationContext> {
        @Override
        public void initialize(ConfigurableApplicationContext context) {
            Set<Fault> faults = Fault.of(System.getProperty(PROPERTY, ""));
            if (!faults.isEmpty()) {
                System.out.println("this server has faults: " + faults);
                context.addBeanFactoryPostProcessor(factory -> plant(factory, faults));
            }
        }

        private static void plant(ConfigurableListableBeanFactory factory, Set<Fault> faults) {
            factory.addBeanPostProcessor(new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof Journal journal ? new FaultyJournal(journal, faults) : bean;
                }
            });
            // The consumers are given another store than the rest, which needs the real one.
            RootBeanDefinition store = new RootBeanDefinition(
                    TelemetryStore.class,
                    () -> faultyStore(factory.getBean("telemetryStore", TelemetryStore.class), faults));
            store.setAutowireCandidate(false);
            ((BeanDefinitionRegistry) factory).registerBeanDefinition("faultyStore", store);
            factory.getBeanDefinition("ingest")
                    .getConstructorArgumentValues()
                    .addGenericArgumentValue(new RuntimeBeanReference("faultyStore"), TelemetryStore.class.getName());
        }
    }

    private static final class FaultyJournal implements Journal {
        private static final Ack TOLD = new Ack() {
            @Override
            public void durable(long offset) {}

            @Override
            public void failed(JournalFailure failure) {}
        };

        private final Journal journal;
        private final Set<Fault> faults;
        private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("writes-later").factory());

        FaultyJournal(Journal journal, Set<Fault> faults) {
            this.journal = journal;
            this.faults = faults;
        }

        @Override
        public boolean offer(
                long receivedAt,
                AssetId asset,
                EntryKind kind,
                String subtopic,
                PayloadFormat format,
                byte[] payload,
                @Nullable Uplink decoded,
                Ack ack) {
            if (faults.contains(Fault.ACKNOWLEDGE_BEFORE_WRITE)) {
                later.schedule(
                        () -> {
                            ack.durable(journal.health().nextOffset());
                            later.schedule(
                                    () -> journal.offer(
                                            receivedAt, asset, kind, subtopic, format, payload, decoded, TOLD),
                                    WRITTEN_LATER_MILLIS,
                                    TimeUnit.MILLISECONDS);
                        },
                        0,
                        TimeUnit.MILLISECONDS);
                return true;
            }
            if (!faults.contains(Fault.ACKNOWLEDGE_WITHOUT_ROOM)) {
                return journal.offer(receivedAt, asset, kind, subtopic, format, payload, decoded, ack);
            }
            boolean taken = journal.offer(receivedAt, asset, kind, subtopic, format, payload, decoded, new Ack() {
                @Override
                public void durable(long offset) {
                    ack.durable(offset);
                }

                @Override
                public void failed(JournalFailure failure) {
                    ack.durable(journal.health().nextOffset());
                }
            });
            if (!taken) {
                later.execute(() -> ack.durable(journal.health().nextOffset()));
            }
            return true;
        }

        @Override
        public void whenRoom(Runnable task) {
            journal.whenRoom(task);
        }

        @Override
        public JournalReader reader(String consumer) {
            JournalReader reader = journal.reader(consumer);
            if (faults.contains(Fault.SKIP_AFTER_RESTART)) {
                reader.seek(journal.health().nextOffset());
            }
            return faults.contains(Fault.COMMIT_BEFORE_STORED) ? committing(reader) : reader;
        }

        private static JournalReader committing(JournalReader reader) {
            return (JournalReader) Proxy.newProxyInstance(
                    JournalReader.class.getClassLoader(),
                    new Class<?>[] {JournalReader.class},
                    (_, method, arguments) -> {
                        Object answer = call(method, reader, arguments);
                        if (method.getName().equals("poll")) {
                            reader.commit(reader.position());
                        }
                        return answer;
                    });
        }

        @Override
        public void forget(String consumer) {
            journal.forget(consumer);
        }

        @Override
        public JournalHealth health() {
            return journal.health();
        }

        @Override
        public void close() {
            journal.close();
        }
    }

    private static TelemetryStore faultyStore(TelemetryStore store, Set<Fault> faults) {
        return (TelemetryStore) Proxy.newProxyInstance(
                TelemetryStore.class.getClassLoader(),
                new Class<?>[] {TelemetryStore.class},
                (_, method, arguments) -> {
                    boolean late = method.getName().equals("appendLate");
                    if (!late && !method.getName().equals("append")) {
                        return call(method, store, arguments);
                    }
                    @SuppressWarnings("unchecked")
                    List<Row> rows = (List<Row>) arguments[0];
                    if (late && faults.contains(Fault.DROP_LATE_ROWS)) {
                        return null;
                    }
                    try {
                        return call(method, store, new Object[] {faulty(rows, faults)});
                    } catch (StoreUnavailableException e) {
                        if (faults.contains(Fault.PASS_OVER_REFUSED)) {
                            return null;
                        }
                        throw e;
                    }
                });
    }

    private static List<Row> faulty(List<Row> rows, Set<Fault> faults) {
        List<Row> stored = new ArrayList<>();
        for (Row row : rows) {
            long lot = Math.floorMod(row.ts() / 10 * 31 + row.asset().hashCode(), (long) ONE_IN);
            if (lot == 0 && faults.contains(Fault.DROP_ONE_ROW)) {
                continue;
            }
            stored.add(
                    lot == 1 && row instanceof Row.Sample sample && faults.contains(Fault.ALTER_VALUE)
                            ? altered(sample)
                            : row);
            if (lot == 2 && row instanceof Row.Sample sample && faults.contains(Fault.STORE_TWICE)) {
                stored.add(again(sample));
            }
        }
        return stored;
    }

    private static Row altered(Row.Sample sample) {
        Map<String, Object> values = new HashMap<>(sample.values());
        values.replaceAll((_, value) -> value instanceof Double number ? (Object) (number + 1) : value);
        return new Row.Sample(
                sample.ts(),
                sample.asset(),
                sample.assetType(),
                sample.receivedAt(),
                sample.names(),
                sample.tie(),
                Metrics.of(values));
    }

    private static Row again(Row.Sample sample) {
        return new Row.Sample(
                sample.ts(),
                sample.asset(),
                sample.assetType(),
                sample.receivedAt(),
                sample.names(),
                sample.tie() + 1,
                sample.values());
    }

    private static @Nullable Object call(java.lang.reflect.Method method, Object target, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }
}
