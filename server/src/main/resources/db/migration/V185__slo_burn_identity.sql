-- Under which labels a burn was told of: it is ended under the same ones, also when its objective is gone or is about others now.
alter table slo_burn add column service text not null default '', add column scope text not null default 'fleet';
update slo_burn b
set service = coalesce(o.document #>> '{spec,service}', ''), scope = coalesce(o.document #>> '{metadata,annotations,muster.dev/scope}', 'fleet')
from slo_object o where o.kind = 'SLO' and o.name = b.slo and b.ended is null;
