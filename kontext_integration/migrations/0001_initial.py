import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AdBrowser',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_id', models.CharField(max_length=255, unique=True, verbose_name='user')),
                ('install_id', models.UUIDField(verbose_name='install id')),
                ('facts', models.JSONField(default=dict, verbose_name='facts')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
            ],
            options={
                'verbose_name': 'browser',
                'verbose_name_plural': 'browsers',
            },
        ),
        migrations.CreateModel(
            name='AdSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('conversation_id', models.CharField(max_length=255, unique=True, verbose_name='conversation')),
                ('user_id', models.CharField(db_index=True, max_length=255, verbose_name='user')),
                ('state', models.JSONField(default=dict, verbose_name='state')),
                ('version', models.PositiveBigIntegerField(default=1, verbose_name='version')),
                ('generation', models.PositiveIntegerField(default=1, verbose_name='generation')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
            ],
            options={
                'verbose_name': 'ad session',
                'verbose_name_plural': 'ad sessions',
            },
        ),
        migrations.CreateModel(
            name='AdEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, verbose_name='name')),
                ('bid_id', models.UUIDField(null=True, verbose_name='bid')),
                ('message_id', models.CharField(blank=True, default='', max_length=255, verbose_name='message')),
                ('payload', models.JSONField(default=dict, verbose_name='payload')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='kontext_integration.adsession', verbose_name='session')),
            ],
            options={
                'verbose_name': 'ad event',
                'verbose_name_plural': 'ad events',
                'indexes': [models.Index(fields=['name', 'created_at'], name='kontext_event_name_created')],
            },
        ),
        migrations.CreateModel(
            name='AdSlot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(db_index=True, max_length=255, verbose_name='message')),
                ('code', models.CharField(max_length=255, verbose_name='placement code')),
                ('bid_id', models.UUIDField(verbose_name='bid')),
                ('revenue', models.FloatField(null=True, verbose_name='revenue')),
                ('snapshot', models.JSONField(default=list, verbose_name='snapshot')),
                ('height', models.PositiveIntegerField(null=True, verbose_name='height')),
                ('used_at', models.DateTimeField(null=True, verbose_name='used')),
                ('released_at', models.DateTimeField(null=True, verbose_name='released')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='kontext_integration.adsession', verbose_name='session')),
            ],
            options={
                'verbose_name': 'ad slot',
                'verbose_name_plural': 'ad slots',
                'constraints': [models.UniqueConstraint(fields=('session', 'message_id', 'code'), name='kontext_one_bid_per_slot')],
            },
        ),
    ]
