-- What rollouts and assets that may not boot come to is told by who runs runbooks; alerting itself follows the event log no more.
drop table alert_follower;
